# One image for all parts; docker-compose.yml says which part a container is.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UV_NO_CONFIG=1 \
    GX_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1 \
    PYTHONPATH=/app/plugins \
    URBANDATA_DATA_DIR=/app/data \
    URBANDATA_BIND=0.0.0.0 \
    PATH=/app/.venv/bin:$PATH

WORKDIR /app
RUN useradd --uid 10001 --create-home city \
    && mkdir -p /app/data/inbox && chown city /app/data /app/data/inbox

COPY requirements.lock ./
# Compiled here, as containers run read-only: else each process starts seconds later.
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir uv \
    && /opt/uv/bin/uv venv --quiet --python python3 .venv \
    && /opt/uv/bin/uv pip sync --quiet --no-cache --compile-bytecode --require-hashes \
        --python .venv/bin/python requirements.lock

RUN printf '#!/bin/sh\nexec python -m urbandata.cli "$@"\n' > .venv/bin/urbandata \
    && chmod +x .venv/bin/urbandata

COPY pools.json pools.cluster.json LICENSE ./
COPY plugins plugins
COPY dags dags
COPY expectations expectations
COPY dbt dbt
COPY dashboards dashboards
COPY notebooks notebooks
RUN python -m compileall -q plugins dags dashboards

USER city
VOLUME /app/data
CMD ["python", "-m", "urbandata.platform", "run"]

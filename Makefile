# The platform's commands. 'make help' lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
MODE ?= $(if $(INBOX),inbox,demo)
INBOX ?=
SEED ?=
PORT ?=

BIN := .venv/bin
UV := .tools/bin/uv
MEMBER = $(BIN)/python -m urbandata.platform
CHOSEN = URBANDATA_MODE=$(MODE) \
	$(if $(INBOX),URBANDATA_INBOX="$(abspath $(INBOX))") \
	$(if $(SEED),URBANDATA_DEMO_SEED="$(SEED)") \
	$(if $(PORT),URBANDATA_PORT_DASHBOARD="$(PORT)")

export PYTHONPATH := $(CURDIR)/plugins
export UV_NO_CONFIG := 1
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
# Compiled modules are kept whatever the shell says: else each process starts seconds later.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup run stop test test-cluster check accept format generate lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.ready ## Install what requirements.lock names into .venv

run: setup ## Start everything (MODE=demo|live|inbox INBOX=folder SEED=n PORT=n); Ctrl-C stops it
	@$(CHOSEN) $(MEMBER) run

stop: setup ## Stop a platform that runs in another terminal
	@$(MEMBER) stop

test: setup ## Run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-cluster: setup ## Run all tests of the cluster (needs PostgreSQL and Redis)
	$(BIN)/python -m pytest tests/cluster -m "cluster or not cluster"

check: setup ## Check format, lint, types, SQL and generated files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt/models dbt/tests --processes 2 --disable-progress-bar
	$(BIN)/python -m urbandata.cli generate --check

accept: setup ## Accept changed factors and thresholds (then review the diff)
	$(BIN)/python -m tests.dbt.accepted

format: setup ## Format Python and mend what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

generate: setup ## Write what is generated from the source.yml files
	$(BIN)/python -m urbandata.cli generate

lock: .tools/.ready ## Remake requirements.lock from pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--group dev --group bench --quiet pyproject.toml -o requirements.lock

clean: ## Remove data and caches, but not .venv (real data only with FORCE=1)
	@if [ -z "$(FORCE)" ] && grep -rqs '"origin": "real"' data/ledger; then \
		echo "data/ holds real data that may exist nowhere else; FORCE=1 removes them" >&2; exit 1; fi
	@if [ -x $(BIN)/python ]; then $(MEMBER) stop; fi
	rm -rf data artifacts dbt/target dbt/logs .pytest_cache .ruff_cache .mypy_cache .hypothesis

# uv comes from the registry with pip, so a machine needs nothing but Python.
.tools/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing uv …"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install -qq --disable-pip-version-check uv
	@touch $@

# The project itself is not installed: a path file makes plugins/ importable.
.venv/.ready: .tools/.ready requirements.lock
	@echo "Installing the locked packages (1.3 GB in .venv) …"
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@echo "$(CURDIR)/plugins" \
		> "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/urbandata.pth"
	@printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m urbandata.cli "$$@"\n' "$(CURDIR)" \
		> $(BIN)/urbandata
	@chmod +x $(BIN)/urbandata
	@touch $@

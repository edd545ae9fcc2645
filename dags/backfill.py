"""One Airflow DAG per measure with interval sources: asks again for whole months.

DAG ids: backfill_<measure>, see ingest.py for the measures.
"""

from urbandata.orchestration.ingest import backfill_dag
from urbandata.registry import sources

for measure in sorted({s.measure for s in sources().values() if s.kind == "interval"}):
    globals()[f"backfill_{measure}"] = backfill_dag(measure)

"""One Airflow DAG per measure that has sources, from the registry.

DAG ids: ingest_open_data, ingest_cleema, ingest_road_maintenance, ingest_traffic,
ingest_environment, ingest_participation, ingest_energy_quarter, ingest_hospital_energy,
ingest_sportpark, ingest_programme, and ingest_inbox for files.
"""

from urbandata.orchestration.ingest import inbox_dag, ingest_dag
from urbandata.registry import measures

for measure in measures():
    globals()[f"ingest_{measure}"] = ingest_dag(measure)

ingest_inbox = inbox_dag()

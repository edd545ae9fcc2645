"""The Airflow DAG build_warehouse: load, dbt build, publish."""

from urbandata.orchestration.builds import build_dag

build_warehouse = build_dag()

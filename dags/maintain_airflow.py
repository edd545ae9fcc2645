"""The Airflow DAG maintain_airflow: forgets old runs and their logs."""

from urbandata.orchestration.housekeeping import housekeeping_dag

maintain_airflow = housekeeping_dag()

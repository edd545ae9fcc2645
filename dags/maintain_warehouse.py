"""The Airflow DAG maintain_warehouse: keeps a lake tidy."""

from urbandata.orchestration import maintenance_dag

maintain_warehouse = maintenance_dag()

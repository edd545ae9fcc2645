"""The Airflow DAG maintain_warehouse: keeps a lake tidy."""

from urbandata.orchestration.builds import maintenance_dag

maintain_warehouse = maintenance_dag()

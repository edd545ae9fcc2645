"""The Airflow DAG strategy_update: draft, approval by a person, release."""

from urbandata.orchestration.strategy import strategy_dag

strategy_update = strategy_dag()

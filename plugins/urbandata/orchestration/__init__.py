"""The only package that imports Airflow: turns the registry into DAGs and calls the pipeline.

Nothing heavy is imported here at parse time; pandas, dbt and Great Expectations load inside the
tasks. Business logic lives in ``pipeline``; a DAG only wires.
"""

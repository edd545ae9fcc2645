-- The catalogue of the warehouse has a database of its own beside Airflow's.
CREATE DATABASE lake;

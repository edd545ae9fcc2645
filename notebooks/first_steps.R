# First steps in R. Run in the folder `notebooks` of a release; needs the package duckdb (or arrow).
library(DBI)
con <- dbConnect(duckdb::duckdb(), "../urbandata.duckdb", read_only = TRUE)

# What this is. "demo" means: an invented city, the numbers say nothing about Dresden.
print(dbGetQuery(con, "SELECT version, origin, notice_en FROM release.about"))

# Tables with their first sentence, which names the grain.
tables <- dbGetQuery(con, "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts'")
print(head(tables))

# Rain and bicycles, one row per day.
days <- dbGetQuery(con, "
  WITH bikes AS (
    SELECT local_date, sum(bicycles) AS bicycles
    FROM marts.fct_bike_counts_daily WHERE is_complete GROUP BY local_date
  ), rain AS (
    SELECT local_date, avg(precipitation_mm) AS rain_mm
    FROM marts.fct_rain_daily WHERE coverage_pct >= 90 GROUP BY local_date
  )
  SELECT * FROM bikes INNER JOIN rain USING (local_date) ORDER BY local_date")
summary(lm(log(bicycles) ~ I(rain_mm >= 1) + factor(weekdays(local_date)) + months(local_date), data = days))
# The standard errors of lm() are too small here: days follow one another. Newey-West (package
# sandwich) or the block bootstrap of 02_rain_and_bicycles.ipynb give honest ones.

# The same without DuckDB:
# days <- arrow::read_parquet("../parquet/fct_bike_counts_daily.parquet")
dbDisconnect(con, shutdown = TRUE)

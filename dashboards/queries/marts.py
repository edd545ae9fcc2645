"""What the build offers to researchers: its marts, their columns, and whole tables to take away."""

from __future__ import annotations

from typing import Any

import pandas as pd

from queries.builds import frame
from urbandata.serving import Connection

SCHEMA = "marts"


def tables(con: Connection) -> pd.DataFrame:
    """One row per mart: name, description, rows, number of columns, whether it has an origin."""
    return frame(
        con,
        """
        SELECT t.table_name AS name, coalesce(t.comment, '') AS description,
            t.estimated_size AS "rows", t.column_count AS "columns",
            count_if(c.column_name = 'origin') > 0 AS has_origin
        FROM duckdb_tables() AS t
        LEFT JOIN duckdb_columns() AS c
            ON t.schema_name = c.schema_name AND t.table_name = c.table_name
        WHERE t.schema_name = 'marts'
        GROUP BY ALL ORDER BY name
        """,
    )


def columns(con: Connection, table: str) -> pd.DataFrame:
    """One row per column of a mart: name, type, description; in their order."""
    return frame(
        con,
        "SELECT column_name AS name, data_type AS type, coalesce(comment, '') AS description "
        "FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = $table "
        "ORDER BY column_index",
        {"table": table},
    )


def preview(con: Connection, table: str, origin: str, limit: int = 200) -> pd.DataFrame:
    """The first rows of a mart, of one origin where it knows origins."""
    condition, parameters = _bound(con, table, origin)
    return frame(con, f'FROM marts."{table}"{condition} LIMIT {limit:d}', parameters)


def whole(con: Connection, table: str, origin: str) -> Any:
    """All rows of a mart as an Arrow table, of one origin where it knows origins."""
    condition, parameters = _bound(con, table, origin)
    with con.cursor() as cursor:
        return cursor.execute(f'FROM marts."{table}"{condition}', parameters).to_arrow_table()


def _bound(con: Connection, table: str, origin: str) -> tuple[str, dict[str, str]]:
    """The condition on the origin. Raises ValueError for what is not a mart of the build."""
    known = tables(con).set_index("name")
    if table not in known.index:
        raise ValueError(f"{table} is not a mart of this build")
    if not known.loc[table, "has_origin"]:
        return "", {}
    return " WHERE origin = $origin", {"origin": origin}

"""The only package that opens DuckDB for writing: load, publish, pointer.

On one machine the warehouse is a DuckDB file with one writer at a time; beyond it a DuckLake
(catalogue in PostgreSQL, Parquet in a folder or in S3) with many (``URBANDATA_WAREHOUSE``).
Loading appends new bronze files and records them in the same transaction, so each is in exactly
once whatever was killed when. Publishing writes a new file named by its build and then moves a
pointer.
"""

from urbandata.warehouse.builds import record_build
from urbandata.warehouse.engine import clear, connect, dbt_environment, session, writing
from urbandata.warehouse.extracting import extract
from urbandata.warehouse.inheriting import Base
from urbandata.warehouse.loading import Loaded, load, load_new
from urbandata.warehouse.locks import building, held_alone, locked
from urbandata.warehouse.maintenance import KEEP_DAYS, Maintained, maintain
from urbandata.warehouse.moving import to_file, to_lake
from urbandata.warehouse.publishing import SOURCE_STATUS, point_to, publish
from urbandata.warehouse.records import record_sources
from urbandata.warehouse.retrying import is_away, until_there
from urbandata.warehouse.tables import META_COLUMNS, OPS_DDL, outdated, prepare

__all__ = [
    "KEEP_DAYS",
    "META_COLUMNS",
    "OPS_DDL",
    "SOURCE_STATUS",
    "Base",
    "Loaded",
    "Maintained",
    "building",
    "clear",
    "connect",
    "dbt_environment",
    "extract",
    "held_alone",
    "is_away",
    "load",
    "load_new",
    "locked",
    "maintain",
    "outdated",
    "point_to",
    "prepare",
    "publish",
    "record_build",
    "record_sources",
    "session",
    "to_file",
    "to_lake",
    "until_there",
    "writing",
]

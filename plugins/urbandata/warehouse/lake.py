"""DuckLake: the warehouse beyond one machine, opened by this process.

The catalogue is a PostgreSQL database, the rows are Parquet in a folder or in S3. DuckDB's
extensions come from the locked packages; nothing is ever asked of DuckDB's extension server.
"""

from __future__ import annotations

import importlib.util
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from urbandata.errors import ConfigError, UrbandataError
from urbandata.settings import Settings
from urbandata.storage import passing_name

NAME = "warehouse"  # the same as that of the file, so that SQL is the same on both engines
EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")
# DuckLake itself repeats a commit when another one came in between; eight writers need patience.
OPTIONS = {
    "ducklake_max_retry_count": 100,
    "ducklake_retry_wait_ms": 50,
    "ducklake_retry_backoff": 1.2,
    "http_retries": 4,
    "http_retry_wait_ms": 200,
    "http_retry_backoff": 2,
}
CREATING = 0x75726261  # "urba": key of the lock under which the catalogue is created


def extension_dir(settings: Settings) -> Path:
    """A folder laid out as DuckDB expects it, with links to the extensions of the packages.

    Raises ConfigError if a package is missing or is made for another version of DuckDB.
    """
    version = f"v{duckdb.__version__}"
    with duckdb.connect() as con:
        (platform,) = con.execute("PRAGMA platform").fetchone() or ("",)
    folder = settings.data_dir / "extensions"
    place = folder / version / str(platform)
    place.mkdir(parents=True, exist_ok=True)
    for name in EXTENSIONS:
        _link(place / f"{name}.duckdb_extension", _packaged(name, version))
    return folder


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection with the lake attached as ``warehouse`` and chosen, as the file would be."""
    _create_once(settings)
    con = bare(settings)
    try:
        con.execute(f"ATTACH '{_quoted(_address(settings))}' AS {NAME}")
        con.execute(f"USE {NAME}")
        for option, value in OPTIONS.items():
            con.execute(f"SET {option} = {value}")
    except BaseException:
        con.close()
        raise
    return con


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What dbt's target ``ducklake`` asks of the environment (see dbt/profiles.yml)."""
    s3 = settings.s3
    return {
        "URBANDATA_LAKE": _address(settings),
        "URBANDATA_EXTENSION_DIR": str(extension_dir(settings)),
        "URBANDATA_S3_KEY_ID": s3.key_id,
        "URBANDATA_S3_SECRET": s3.secret,
        "URBANDATA_S3_REGION": s3.region,
        "URBANDATA_S3_ENDPOINT": s3.host or f"s3.{s3.region}.amazonaws.com",
        "URBANDATA_S3_SSL": str(s3.ssl).lower(),
        "URBANDATA_S3_URL_STYLE": "path" if s3.host else "vhost",
    }


def catalogue(settings: Settings) -> Any:
    """A plain connection to the catalogue's PostgreSQL, for locks and sequences; autocommit."""
    import psycopg2  # type: ignore[import-untyped]

    try:
        session = psycopg2.connect(settings.lake_dsn, connect_timeout=10)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().replace("\n", " ")
        raise UrbandataError(f"the catalogue of the warehouse does not answer: {reason}") from error
    session.autocommit = True
    return session


def _create_once(settings: Settings) -> None:
    """Create the catalogue if there is none; of several processes one does it."""
    with closing(catalogue(settings)) as session, session.cursor() as cursor:
        if _exists(cursor):
            return
        cursor.execute("SELECT pg_advisory_lock(%s)", [CREATING])
        if _exists(cursor):
            return
        if not settings.warehouse_data.startswith("s3://"):
            Path(settings.warehouse_data).mkdir(parents=True, exist_ok=True)
        with closing(bare(settings)) as con:
            con.execute(
                f"ATTACH '{_quoted(_address(settings))}' AS {NAME} "
                f"(DATA_PATH '{_quoted(settings.warehouse_data)}')"
            )


def _exists(cursor: Any) -> bool:
    cursor.execute("SELECT to_regclass('ducklake_metadata') IS NOT NULL")
    return bool(cursor.fetchone()[0])


def bare(settings: Settings, database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """DuckDB with its extensions and the key to S3, no lake attached."""
    con = duckdb.connect(
        database,
        config={
            "extension_directory": str(extension_dir(settings)),
            "autoinstall_known_extensions": "false",
        },
    )
    for name in EXTENSIONS:
        con.execute(f"LOAD {name}")
    s3 = settings.s3
    if s3.key_id:
        endpoint = f", ENDPOINT '{_quoted(s3.host)}', URL_STYLE 'path'" if s3.host else ""
        con.execute(
            f"CREATE SECRET s3 (TYPE s3, KEY_ID '{_quoted(s3.key_id)}', "
            f"SECRET '{_quoted(s3.secret)}', REGION '{_quoted(s3.region)}', "
            f"USE_SSL {str(s3.ssl).lower()}{endpoint})"
        )
    return con


def _address(settings: Settings) -> str:
    """The catalogue for DuckDB, which repeats it in its messages: so without the password.

    libpq finds that in the environment of this process.
    """
    from psycopg2.extensions import make_dsn, parse_dsn  # type: ignore[import-untyped]

    words = parse_dsn(settings.lake_dsn)
    if "password" in words:
        os.environ["PGPASSWORD"] = words.pop("password")
    return f"ducklake:postgres:{make_dsn(**words)}"


def _packaged(name: str, version: str) -> Path:
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path((package and package.origin) or "missing").parent
    found = folder / "extensions" / version / f"{name}.duckdb_extension"
    if not found.exists():
        raise ConfigError(
            f"DuckDB {version} needs the package duckdb-extension-{name.replace('_', '-')} of the "
            "same version; run 'make setup'"
        )
    return found


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = passing_name(link)
    fresh.symlink_to(target)
    fresh.replace(link)  # in one step: another process may be loading it


def _quoted(text: str) -> str:
    return text.replace("'", "''")

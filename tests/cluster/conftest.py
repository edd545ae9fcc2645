"""PostgreSQL and an S3 server for the tests of the cluster; without PostgreSQL they are skipped."""

from __future__ import annotations

import dataclasses
import os
from itertools import count
from pathlib import Path

import pytest

from urbandata.settings import S3, Settings

from .services import BUCKET, KEYS, Postgres, Storage, program

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres():
    if program("initdb") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is missing on CI")
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def storage():
    server = Storage()
    yield server
    server.stop()


@pytest.fixture
def lake(postgres, storage, tmp_path) -> dict[str, str]:
    """The environment of a platform whose warehouse is an empty lake of its own."""
    number = next(NUMBERS)
    return {
        **KEYS,
        "AWS_ENDPOINT_URL": storage.url,
        "URBANDATA_DATA_DIR": str(tmp_path / "data"),
        "URBANDATA_WAREHOUSE": "ducklake:postgres:" + postgres.database(f"lake{number}"),
        "URBANDATA_WAREHOUSE_DATA": f"s3://{BUCKET}/lake{number}",
    }


def of_scripts(postgres: Postgres, database: str, folder: Path) -> dict[str, str]:
    """The environment of ``cluster/backup`` and ``cluster/restore``."""
    return {
        "PATH": f"{program('pg_dump').parent}:{os.environ['PATH']}", "PGHOST": "127.0.0.1",
        "PGUSER": "city", "PGPORT": str(postgres.port), "BACKUP_DIR": str(folder),
        "BACKUP_DATABASES": database,
    }  # fmt: skip


def on_a_file(settings: Settings, data: Path) -> Settings:
    """The same platform with a DuckDB file for its warehouse."""
    return dataclasses.replace(settings, data_dir=data, lake_dsn="", s3=S3())

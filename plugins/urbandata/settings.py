"""All settings in one place, read from the environment once and passed on.

Every variable starts with ``URBANDATA_``; defaults give the embedded platform on loopback.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from urbandata.errors import ConfigError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
Mode = Literal["demo", "live", "inbox"]


LAKE = "ducklake:postgres:"
SCHEME_S3 = "s3://"


@dataclass(frozen=True, slots=True)
class S3:
    """Key and address of S3-compatible storage; without a host it is Amazon's own."""

    key_id: str = ""
    secret: str = field(default="", repr=False)
    region: str = "us-east-1"
    host: str = ""
    ssl: bool = True

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> S3:
        """From the usual ``AWS_*`` names, so that every library sees the same storage."""
        endpoint = env.get("AWS_ENDPOINT_URL", "")
        scheme, _, host = endpoint.rpartition("://")
        return cls(
            key_id=secret(env, "AWS_ACCESS_KEY_ID"),
            secret=secret(env, "AWS_SECRET_ACCESS_KEY"),
            region=env.get("AWS_REGION", "us-east-1"),
            host=host.rstrip("/"),
            ssl=scheme != "http",
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how sources are asked. Paths are absolute, ports on 127.0.0.1."""

    root: Path
    data_dir: Path
    mode: Mode
    inbox_dir: Path
    demo_port: int
    airflow_port: int
    airflow_api: str  # where processes of the platform reach Airflow
    dashboard_port: int
    public_port: int
    demo_seed: int
    demo_scale: float
    keep_builds: int
    pseudonym_key: str  # as set, in every mode: files of the inbox are real in each
    history_from: date = date.min  # no source is asked for anything earlier
    lake_dsn: str = field(default="", repr=False)  # libpq's words; may hold a password
    warehouse_data: str = ""
    s3: S3 = S3()
    storage: str = ""  # where raw zone, ledger and bronze lie: s3://…, empty for the data folder
    dbt_processes: int = 1  # of a build at once, on a lake
    patience_s: float = 300  # how long a catalogue or storage may be away before work fails

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Settings from ``URBANDATA_*``. Raises ConfigError naming the wrong variable."""
        env = os.environ if env is None else env
        data_dir = Path(env.get("URBANDATA_DATA_DIR", PROJECT_ROOT / "data")).absolute()
        mode = env.get("URBANDATA_MODE", "demo")
        if mode not in get_args(Mode):
            raise ConfigError(f"URBANDATA_MODE is '{mode}'; choose demo, live or inbox")
        airflow_port = _whole(env, "URBANDATA_PORT_AIRFLOW", 8080)
        return cls(
            root=PROJECT_ROOT,
            data_dir=data_dir,
            mode=mode,  # type: ignore[arg-type]  # checked above
            inbox_dir=Path(env.get("URBANDATA_INBOX") or data_dir / "inbox").absolute(),
            demo_port=_whole(env, "URBANDATA_PORT_DEMO", 8900),
            airflow_port=airflow_port,
            airflow_api=env.get("URBANDATA_AIRFLOW_URL") or f"http://127.0.0.1:{airflow_port}",
            dashboard_port=_whole(env, "URBANDATA_PORT_DASHBOARD", 8501),
            public_port=_whole(env, "URBANDATA_PORT_PUBLIC", 8502),
            demo_seed=_whole(env, "URBANDATA_DEMO_SEED", 20230701),
            demo_scale=_number(env, "URBANDATA_DEMO_SCALE", 1.0),
            keep_builds=_whole(env, "URBANDATA_KEEP_BUILDS", 5),
            pseudonym_key=secret(env, "URBANDATA_PSEUDONYM_KEY"),
            history_from=_day(env, "URBANDATA_HISTORY_FROM", date.min),
            lake_dsn=_lake(env),
            warehouse_data=env.get("URBANDATA_WAREHOUSE_DATA")
            or str(data_dir / "warehouse" / "lake"),
            s3=S3.from_env(env),
            storage=_storage(env),
            dbt_processes=_whole(env, "URBANDATA_DBT_PROCESSES", 1),
            patience_s=_number(env, "URBANDATA_PATIENCE_S", 300),
        )

    @property
    def origin(self) -> str:
        """``demo`` or ``real``: what every row fetched under these settings is marked with."""
        return "demo" if self.mode == "demo" else "real"

    @property
    def is_far(self) -> bool:
        """Whether rows or files lie behind servers, which may be away for a while."""
        return bool(self.lake_dsn or self.storage)

    @property
    def warehouse_path(self) -> Path:
        """The one DuckDB file that is written, unless the warehouse is a lake."""
        return self.data_dir / "warehouse" / "warehouse.duckdb"

    @property
    def serving_dir(self) -> Path:
        """Published builds and the pointer ``current.json``."""
        return self.data_dir / "serving"

    @property
    def pools_path(self) -> Path:
        """Airflow's pools: only a lake lets several tasks write the warehouse at once."""
        return self.root / ("pools.cluster.json" if self.lake_dsn else "pools.json")

    @property
    def dbt_dir(self) -> Path:
        """The dbt project."""
        return self.root / "dbt"

    @property
    def demo_url(self) -> str:
        """Base address of the demo city."""
        return f"http://127.0.0.1:{self.demo_port}"


def _lake(env: Mapping[str, str]) -> str:
    """The catalogue's connection string, ``""`` for the DuckDB file."""
    warehouse = secret(env, "URBANDATA_WAREHOUSE")
    if not warehouse or warehouse == "file":
        return ""
    if not warehouse.startswith(LAKE) or not warehouse.removeprefix(LAKE).strip():
        raise ConfigError(
            "URBANDATA_WAREHOUSE is neither empty nor 'ducklake:postgres:' with a connection "
            "string of libpq behind it, such as 'host=db dbname=lake'"
        )
    return warehouse.removeprefix(LAKE).strip()


def _storage(env: Mapping[str, str]) -> str:
    """Address of the store for raw zone, ledger and bronze, ``""`` for the data folder."""
    storage = env.get("URBANDATA_STORAGE", "").rstrip("/")
    if storage and not re.fullmatch(r"s3://[^/']+(/[^/']+)*", storage):
        raise ConfigError("URBANDATA_STORAGE is neither empty nor 's3://bucket/prefix'")
    lake = env.get("URBANDATA_WAREHOUSE_DATA", "").rstrip("/")
    if storage and lake and f"{storage}/".startswith(f"{lake}/"):
        raise ConfigError(
            "URBANDATA_STORAGE lies inside URBANDATA_WAREHOUSE_DATA, whose maintenance removes "
            "every file that the lake does not know; name another prefix"
        )
    return storage


def secret(env: Mapping[str, str], name: str) -> str:
    """A value from the environment, or from the file that ``NAME_FILE`` names; else empty.

    Raises ConfigError if the file cannot be read.
    """
    path = env.get(f"{name}_FILE")
    if not path or env.get(name):
        return env.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE: {error}") from None


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    number = _number(env, name, default)
    if number != int(number):
        raise ConfigError(f"{name} is '{env[name]}'; a whole number is needed")
    return int(number)


def _day(env: Mapping[str, str], name: str, default: date) -> date:
    try:
        return date.fromisoformat(env[name]) if env.get(name) else default
    except ValueError:
        raise ConfigError(f"{name} is '{env[name]}'; a day such as 2025-07-01 is needed") from None


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(env.get(name, default))
    except ValueError:
        raise ConfigError(f"{name} is '{env[name]}'; a number is needed") from None

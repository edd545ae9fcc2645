"""All settings in one place, read from the environment once and passed on.

Every variable starts with ``URBANDATA_``; defaults give the embedded platform on loopback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from urbandata.errors import ConfigError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
Mode = Literal["demo", "live", "inbox"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how sources are asked. Paths are absolute, ports on 127.0.0.1."""

    root: Path
    data_dir: Path
    mode: Mode
    inbox_dir: Path
    demo_port: int
    airflow_port: int
    dashboard_port: int
    public_port: int
    demo_seed: int
    demo_scale: float
    keep_builds: int
    pseudonym_key: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Settings from ``URBANDATA_*``. Raises ConfigError naming the wrong variable."""
        env = os.environ if env is None else env
        data_dir = Path(env.get("URBANDATA_DATA_DIR", PROJECT_ROOT / "data")).absolute()
        mode = env.get("URBANDATA_MODE", "demo")
        if mode not in get_args(Mode):
            raise ConfigError(f"URBANDATA_MODE is '{mode}'; choose demo, live or inbox")
        return cls(
            root=PROJECT_ROOT,
            data_dir=data_dir,
            mode=mode,  # type: ignore[arg-type]  # checked above
            inbox_dir=Path(env.get("URBANDATA_INBOX") or data_dir / "inbox").absolute(),
            demo_port=_whole(env, "URBANDATA_PORT_DEMO", 8900),
            airflow_port=_whole(env, "URBANDATA_PORT_AIRFLOW", 8080),
            dashboard_port=_whole(env, "URBANDATA_PORT_DASHBOARD", 8501),
            public_port=_whole(env, "URBANDATA_PORT_PUBLIC", 8502),
            demo_seed=_whole(env, "URBANDATA_DEMO_SEED", 20230701),
            demo_scale=_number(env, "URBANDATA_DEMO_SCALE", 1.0),
            keep_builds=_whole(env, "URBANDATA_KEEP_BUILDS", 5),
            pseudonym_key=env.get("URBANDATA_PSEUDONYM_KEY") or ("demo" if mode == "demo" else ""),
        )

    @property
    def origin(self) -> str:
        """``demo`` or ``real``: what every row fetched under these settings is marked with."""
        return "demo" if self.mode == "demo" else "real"

    @property
    def warehouse_path(self) -> Path:
        """The one DuckDB file that is written."""
        return self.data_dir / "warehouse" / "warehouse.duckdb"

    @property
    def serving_dir(self) -> Path:
        """Published builds and the pointer ``current.json``."""
        return self.data_dir / "serving"

    @property
    def dbt_dir(self) -> Path:
        """The dbt project."""
        return self.root / "dbt"

    @property
    def expectations_dir(self) -> Path:
        """Suites of the door check."""
        return self.root / "expectations"

    @property
    def demo_url(self) -> str:
        """Base address of the demo city."""
        return f"http://127.0.0.1:{self.demo_port}"


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    number = _number(env, name, default)
    if number != int(number):
        raise ConfigError(f"{name} is '{env[name]}'; a whole number is needed")
    return int(number)


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(env.get(name, default))
    except ValueError:
        raise ConfigError(f"{name} is '{env[name]}'; a number is needed") from None

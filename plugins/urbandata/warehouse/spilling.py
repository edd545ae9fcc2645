"""A plugin of dbt-duckdb: the folder into which DuckDB spills, told once when it opens.

Not among the settings of dbt/profiles.yml: those are set anew for each statement, and DuckDB
refuses another folder, even the same, once it has spilled there. Nor among its options: dbt would
parse the whole project anew for each process, and two DuckDBs in one folder crash each other.
"""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

VARIABLE = "URBANDATA_SPILL_DIR"


class Plugin(BasePlugin):  # type: ignore[misc]
    """Reads the folder from the environment; DuckDB's own choice if nothing is said."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Called before DuckDB opens a database."""
        if os.environ.get(VARIABLE):
            config["temp_directory"] = os.environ[VARIABLE]

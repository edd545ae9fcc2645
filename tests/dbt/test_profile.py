"""The project's own profile: what does not fit into memory is spilled, and the build goes on."""

import os
import shutil
import subprocess
import sys
import time

import yaml

from urbandata.settings import PROJECT_ROOT

PROJECT = {
    "name": "spilling",
    "version": "1.0.0",
    "profile": "urbandata",
    "model-paths": ["models"],
}
SORTED = "select md5(i::varchar) as word, i from range(3000000) as t (i) order by word"


def test_a_build_goes_on_after_it_has_spilled(tmp_path):
    """DuckDB refuses to be told a temp_directory, even the same, once it has spilled."""
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(PROJECT))
    shutil.copy(PROJECT_ROOT / "dbt" / "profiles.yml", tmp_path)
    config = "{{ config(materialized='table') }} "
    (tmp_path / "models" / "large.sql").write_text(config + SORTED)
    after = config + "select count(*) as n from {{ ref('large') }}"
    (tmp_path / "models" / "after.sql").write_text(after)
    env = {
        **os.environ,
        "URBANDATA_DBT_TARGET": "warehouse",
        "URBANDATA_WAREHOUSE_PATH": str(tmp_path / "warehouse.duckdb"),
        "URBANDATA_SPILL_DIR": str(tmp_path / "spill"),
        "URBANDATA_MEMORY_LIMIT": "100MB",
    }
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build",
        "--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path),
    ]  # fmt: skip
    done = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    spilled = False
    while done.poll() is None:  # DuckDB removes the folder when it closes the warehouse
        spilled |= (tmp_path / "spill").exists()
        time.sleep(0.05)
    said, _ = done.communicate()
    assert done.returncode == 0, said[-3000:]
    assert spilled

"""The how-to, walked through: the command it names gives a source whose own test is green."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path) -> Path:
    """The parts of the project a source touches, as a copy."""
    for part in ("plugins", "expectations", "dbt", "tests", "docs", "pyproject.toml"):
        source = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / part)
    return tmp_path


def run(copy: Path, *command: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": str(copy / "plugins")}
    return subprocess.run(
        [sys.executable, *command], cwd=copy, env=env, capture_output=True, text=True, check=False
    )


def test_the_how_to_leads_to_a_green_test(copy):
    name, measure = re.search(r"urbandata new-source (\w+) --measure (\w+)", HOW_TO).groups()
    made = run(copy, "-m", "urbandata.cli", "new-source", name, "--measure", measure)
    assert made.returncode == 0, made.stderr
    assert f"docs/sources/{name}.md" in made.stdout
    (test,) = re.findall(r"pytest (tests/sources/\S+\.py)", HOW_TO)
    green = run(copy, "-m", "pytest", test, "-q", "-p", "no:cacheprovider")
    assert green.returncode == 0, green.stdout
    assert "5 passed" in green.stdout
    again = run(copy, "-m", "urbandata.cli", "new-source", name, "--measure", measure)
    assert (again.returncode, "exists" in again.stderr) == (1, True)

"""A release of the small build, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.releases import build
from urbandata.releases.release import release
from urbandata.settings import Settings

BASE = "https://urbandata.example/open-data/"


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    """Data folder with one published build of demo rows."""
    folder = tmp_path_factory.mktemp("release-data")
    build.publish(folder / "serving")
    return Settings.from_env({"URBANDATA_DATA_DIR": str(folder)})


@pytest.fixture(scope="session")
def released(settings, tmp_path_factory) -> Path:
    """Folder of the release."""
    return release(settings, tmp_path_factory.mktemp("shelf"), BASE, with_docs=False)


@pytest.fixture
def own(settings, tmp_path) -> Settings:
    """A copy of the build of the test's own, to be changed."""
    shutil.copytree(settings.data_dir, tmp_path / "data")
    return Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path / "data")})

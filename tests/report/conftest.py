"""A published small build and an edition made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report import build
from urbandata.report import compose, facts, model, periods
from urbandata.report.compose import Previous
from urbandata.settings import Settings

TEXTS = {
    "summary": "Stand der **Dinge** mit Größe: {{M5.5a}} und {{M9.9}}.\n\n1. erstens\n2. zweitens",
    "measure-environment": "Umlaute äöüß <script>alert(1)</script> 😀\n\n- Punkt {{HF1.2}}",
    "kpi-M5.5a": "Die Belastung sinkt.",
}


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Data folder with one published build."""
    folder = tmp_path_factory.mktemp("report")
    build.publish(folder / "serving")
    return folder


@pytest.fixture(scope="session")
def settings(data) -> Settings:
    """Settings of that folder; tests that write use a folder of their own."""
    return Settings.from_env({"URBANDATA_DATA_DIR": str(data)})


def compose_document(
    settings: Settings, lang: str = "de", previous: Previous | None = None, period: str = ""
) -> model.Document:
    """The document of the small build with the test's texts."""
    read = facts.read(settings, periods.parse(period), lang=lang)
    return compose.document(read, TEXTS, compose.Standing("2026-11-20-1"), lang, previous)


@pytest.fixture(scope="session")
def document(settings) -> model.Document:
    """The edition in German, the first of its kind."""
    return compose_document(settings)


@pytest.fixture
def own(tmp_path) -> Settings:
    """A data folder of the test's own with the small build."""
    build.publish(tmp_path / "serving")
    return Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path)})

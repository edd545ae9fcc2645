"""What is checked at the door: the hand-written suites in ``expectations/``, one file a source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from urbandata.errors import ConfigError
from urbandata.settings import PROJECT_ROOT


def of(source: str, folder: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """Expectations by table. Raises ConfigError if the file is missing or malformed."""
    path = (folder or PROJECT_ROOT / "expectations") / f"{source}.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        tables: dict[str, list[dict[str, Any]]] = document["tables"]
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for expectation in (e for checks in tables.values() for e in checks):
        meta = expectation.get("meta", {})
        if not (meta.get("why") and meta.get("why_de")):
            raise ConfigError(f"{path}: {expectation.get('type')} does not say why and why_de")
        if ("reason" in meta) != ("reason_de" in meta):
            raise ConfigError(f"{path}: {expectation.get('type')} needs reason and reason_de")
    return tables

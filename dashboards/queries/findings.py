"""What editors have written about a subject: plain Markdown files beside the builds."""

from __future__ import annotations

import re
from pathlib import Path

SUBJECT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$")


def text(data_dir: Path, lang: str, subject: str) -> str:
    """The current text on ``measure-cleema``, ``hf1`` or ``kpi-M2.3``; empty if there is none."""
    if not SUBJECT.match(subject):
        raise ValueError(f"not a subject: {subject}")
    try:
        return (data_dir / "texts" / lang / f"{subject}.md").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""

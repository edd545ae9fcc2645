"""dbt's documentation of the models as static files, without anything that tells the machine."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from urbandata import transform
from urbandata.errors import UrbandataError
from urbandata.releases.model import Content
from urbandata.settings import Settings

SLOTS = {"manifest": '"MANIFEST.JSON INLINE DATA"', "catalog": '"CATALOG.JSON INLINE DATA"'}
MACHINE = ("generated_at", "invocation_id", "invocation_started_at", "user_id", "run_started_at",
           "env", "created_at", "root_path", "send_anonymous_usage_stats")  # fmt: skip


def write(settings: Settings, content: Content, folder: Path) -> None:
    """``docs/index.html``, ``docs/manifest.json``. The code must be the one the build had."""
    if transform.code_hash(settings) != content.code_hash:
        raise UrbandataError(
            f"build '{content.build_id}' was made by other models than those here; run "
            "'urbandata build' first, or leave their documentation out with --no-docs"
        )
    target = folder / "docs"
    target.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        transform.docs(settings, made)
        page = (made / "index.html").read_text(encoding="utf-8")
        for name, slot in SLOTS.items():
            value = _plain(json.loads((made / f"{name}.json").read_bytes()), str(settings.root))
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
            if slot not in page:
                raise UrbandataError(f"dbt's page has no place for its {name}; is dbt newer?")
            # </script> inside a text would end the script it stands in
            page = page.replace(slot, text.replace("</", "<\\/"))
            if name == "manifest":
                (target / "manifest.json").write_text(text + "\n", encoding="utf-8")
    title = "dbt Docs – Demodaten" if content.is_demo else "dbt Docs"
    page = page.replace("<title>dbt Docs</title>", f"<title>{title}</title>")
    (target / "index.html").write_text(page, encoding="utf-8")


def _plain(value: Any, root: str) -> Any:
    """Without instants, ids and paths of the machine: equal code gives equal bytes."""
    if isinstance(value, dict):
        return {k: _plain(v, root) for k, v in value.items() if k not in MACHINE}
    if isinstance(value, list):
        return [_plain(v, root) for v in value]
    return value.replace(root, "") if isinstance(value, str) else value

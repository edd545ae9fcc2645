"""``datapackage.json``: the release as a Frictionless data package, schemas and licences."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from urbandata.releases.licences import terms
from urbandata.releases.model import Column, Content, Table

TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
}


def write(content: Content, folder: Path) -> None:
    """The descriptor of everything in ``csv/``, each with its Parquet twin."""
    text = json.dumps(descriptor(content, folder), ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def descriptor(content: Content, folder: Path) -> dict[str, Any]:
    """The package as a value."""
    return {
        "profile": "tabular-data-package",
        "name": content.name.lower(),
        "title": "Urbane Datenplattform Dresden – Forschungsausgabe"
        + (" (Demodaten)" if content.is_demo else ""),
        "description": f"{content.notice_de} {content.notice_en}",
        "version": content.version,
        "created": content.built_at.isoformat(),
        "origin": content.origin,
        "build_id": content.build_id,
        "code_hash": content.code_hash,
        "sources": [
            {"title": s["title_de"], "path": s["homepage"]}
            for s in content.sources.values()
            if s["homepage"]
        ],
        "resources": [_resource(content, t, folder) for t in content.tables],
    }


def _resource(content: Content, table: Table, folder: Path) -> dict[str, Any]:
    parquet = f"parquet/{table.name}.parquet"
    csv = f"csv/{table.name}.csv.gz"
    under = terms(content, table)
    return {
        "name": table.name,
        "path": csv,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "compression": "gz",
        "encoding": "utf-8",
        "description": table.description,
        "origin": content.origin if table.has_origin else "reference",
        "notice": content.notice_de,
        "rows": table.rows,
        **_file(folder / csv),
        "parquet": {"path": parquet, **_file(folder / parquet)},
        "licenses": list(under.licences),
        "attribution": list(under.attributions),
        "licence_verified": under.is_verified,
        "schema": {"fields": [_field(c) for c in table.columns], "missingValues": [""]},
    }


def _field(column: Column) -> dict[str, Any]:
    kind = TYPES.get(column.type, "number" if column.type.startswith("DECIMAL") else "string")
    field = {"name": column.name, "type": kind, "description": column.description}
    return {**field, "unit": column.unit} if column.unit else field


def _file(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}

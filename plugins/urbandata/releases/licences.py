"""Under whose licence a released table is: that of every source its rows are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from urbandata.releases.model import Content, Table
from urbandata.releases.policy import OpenLicence, policy


@dataclass(frozen=True, slots=True)
class Terms:
    """Licences a table is under. ``open`` is the one it may be passed on under, if there is one."""

    licences: tuple[Mapping[str, Any], ...]
    attributions: tuple[str, ...]
    open: OpenLicence | None
    obstacles: tuple[str, ...]
    is_verified: bool


def terms(content: Content, table: Table) -> Terms:
    """Terms of a table. A reference table and one of the platform's own records
    (source ``ops``) are the project's own work; rows nobody can place are under no licence."""
    rules = policy()
    own = rules.licences[rules.own_licence]
    behind = [content.sources[s] for s in table.sources if s in content.sources]
    if table.has_origin and not table.sources:
        unknown = {"name": "unknown", "path": "", "title": "Quellen unbekannt"}
        return Terms((unknown,), (), None, ("Quellen unbekannt",), is_verified=False)
    if not behind:
        named = {"name": rules.own_licence, "path": own.uri, "title": rules.own_attribution}
        return Terms((named,), (rules.own_attribution,), own, (), is_verified=True)
    known = [rules.open_licence(s["licence_id"]) for s in behind]
    obstacles = tuple(
        f"{s['source']}: {s['licence_id']}" for s, k in zip(behind, known, strict=True) if k is None
    )
    return Terms(
        tuple(_unique(behind)),
        tuple(dict.fromkeys(str(s["attribution"]) for s in behind)),
        None if obstacles else own,
        obstacles,
        all(bool(s["licence_verified"]) for s in behind),
    )


def _unique(sources: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each licence once, with the sources under it; as a data package wants it."""
    found: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        found.setdefault((source["licence_id"], source["licence_url"]), []).append(source["source"])
    return [
        {"name": name, "path": url, "title": "Quellen: " + ", ".join(named)}
        for (name, url), named in sorted(found.items())
    ]

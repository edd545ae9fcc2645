"""The tables of a release: one DuckDB file with comments, Parquet and CSV per mart."""

from __future__ import annotations

from pathlib import Path

import duckdb

from urbandata import warehouse
from urbandata.releases.model import Content

DATABASE = "urbandata.duckdb"
TIMESTAMPS = "TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ'"


def write_database(content: Content, build: Path, folder: Path) -> Path:
    """The DuckDB file: schema ``marts``, the sources, and ``release.about`` with the notice."""
    target = folder / DATABASE
    listed = "source, measure, title_de, title_en, producer, licence_id, licence_url, attribution, "
    about = {
        "version": content.version,
        "origin": content.origin,
        "notice_de": content.notice_de,
        "notice_en": content.notice_en,
        "build_id": content.build_id,
        "built_at": content.built_at.isoformat(),
    }
    values = ", ".join(f"{_quoted(v)} AS {k}" for k, v in about.items())
    selects = {f"marts.{t.name}": t.select for t in content.tables}
    selects["release.sources"] = f"SELECT {listed} licence_verified, homepage FROM ops.sources"
    selects["release.about"] = f"SELECT {values}"
    warehouse.extract(build, target, selects, _comments(content))
    return target


def _comments(content: Content) -> dict[str, str]:
    notice = f"{content.notice_de} " if content.is_demo else ""
    found = {
        "release.about": f"{notice}What this release is.",
        "release.sources": f"{notice}One row per source: producer and licence.",
    }
    for table in content.tables:
        found[f"marts.{table.name}"] = f"{notice}{table.description}"
        for column in table.columns:
            unit = f" [{column.unit}]" if column.unit else ""
            found[f"marts.{table.name}.{column.name}"] = f"{column.description}{unit}"
    return found


def write_files(content: Content, folder: Path) -> None:
    """``parquet/<mart>.parquet`` and ``csv/<mart>.csv.gz`` from the finished DuckDB file."""
    for name in ("parquet", "csv"):
        (folder / name).mkdir()
    facts = {
        "title": "urbandata",
        "version": content.version,
        "origin": content.origin,
        "notice_de": content.notice_de,
        "notice_en": content.notice_en,
    }
    said = ", ".join(f"{k}: {_quoted(v)}" for k, v in facts.items())
    with duckdb.connect(str(folder / DATABASE), read_only=True, config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        for table in content.tables:
            source = f'marts."{table.name}"'
            con.execute(
                f"COPY {source} TO '{folder / 'parquet' / table.name}.parquet' "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{said}}})"
            )
            con.execute(
                f"COPY {source} TO '{folder / 'csv' / table.name}.csv.gz' "
                f"(FORMAT csv, HEADER, COMPRESSION gzip, {TIMESTAMPS})"
            )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

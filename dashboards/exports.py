"""Files that leave the page: they say what they are, and no cell of them can act.

A spreadsheet runs text that begins like a formula; such text gets an apostrophe in front.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

import theme
from shell import REGISTER, View, credit_all

CSV_STYLE = {"de": (";", ","), "en": (",", ".")}
BOM = "\ufeff"
ACTS = re.compile(r"^\s*[=+\-@]|^[\t\r\n]")
APOSTROPHE = "'"


def about(
    view: View, title: str, sources: Sequence[str], unit: str = "", period: str = ""
) -> dict[str, str]:
    """What a file says about itself, label by label; empty lines are left out."""
    head = {
        "title": title,
        "unit": unit,
        "source": credit_all(view, sources),
        "origin": _origin(view, sources),
        "build": view.build.build_id,
        "period": period,
        "created": theme.fmt_instant(view.now, view.lang),
    }
    return {view.t(f"csv.{k}"): " ".join(v.split()) for k, v in head.items() if v}


def _origin(view: View, sources: Sequence[str]) -> str:
    if tuple(sources) == REGISTER:
        return ""
    return view.t("demo.banner") if view.is_demo else view.t("origin.real")


def head_lines(said: Mapping[str, str]) -> str:
    """Metadata as comment lines."""
    return "".join(f"# {label}: {value}\n" for label, value in said.items())


def spreadsheet(said: Mapping[str, str], rows: pd.DataFrame, lang: str) -> bytes:
    """CSV as spreadsheets of the language want it."""
    separator, decimal = CSV_STYLE[lang]
    body = tamed(rows).to_csv(sep=separator, decimal=decimal, index=False)
    return (BOM + head_lines(said) + body).encode()


def tamed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with every text that could act made harmless; numbers stay numbers."""
    safe = rows.copy()
    for column in safe.select_dtypes(["object", "string"]).columns:
        safe[column] = [_tame(value) for value in safe[column]]
    return safe.rename(columns=_tame)


def _tame(value: Any) -> Any:
    return APOSTROPHE + value if isinstance(value, str) and ACTS.search(value) else value


def csv_of_arrow(said: Mapping[str, str], table: Any) -> bytes:
    """CSV for programs: comma, point, UTF-8, instants in UTC; metadata as comment lines."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            text = column.cast(pa.string())
            acts = pc.match_substring_regex(text, ACTS.pattern)
            marked = pc.binary_join_element_wise(APOSTROPHE, text, "")
            columns.append(pc.if_else(acts, marked, text))
        elif pa.types.is_nested(field.type):
            columns.append(pa.array([None if v is None else str(v) for v in column.to_pylist()]))
        else:
            columns.append(column)
    safe = pa.Table.from_arrays(columns, names=[_tame(n) for n in table.column_names])
    buffer = io.BytesIO()
    buffer.write(head_lines(said).encode())
    csv.write_csv(safe, buffer)
    return buffer.getvalue()


def parquet(said: Mapping[str, str], table: Any) -> bytes:
    """Parquet with the same metadata in its schema."""
    import pyarrow.parquet as pq

    known = dict(table.schema.metadata or {})
    metadata = {k.encode(): v.encode() for k, v in said.items()}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**known, **metadata}), buffer)
    return buffer.getvalue()

"""Load-profile files to rows: measured loads (CSV, Excel) and normalised profiles.

The formats are told apart by their bytes. A measured file has a column of times and one or more
columns of values; lines before the header may name site and medium. Its clock is CET all year.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.load_profile import profiles, workbooks
from urbandata.sources.load_profile.headings import Heading, Layout, has_layout, layout

Strings: TypeAlias = "pa.Array[Any]"
Times = npt.NDArray[np.datetime64]

TABLE = "load_values"
OLDEST, NEWEST = np.datetime64("1900-01-01"), np.datetime64("2200-01-01")
NULL_MARKERS = ("-", "---", "n/a", "N/A", "#NV")
FILE_NAME = re.compile(r"(?P<site>[^_]+)_(?P<medium>[^_\d]+)_\d{4}")
GERMAN_DAY = r"^\s*(\d{1,2})\.(\d{1,2})\.(\d{4})"
PLAIN_NUMBER = re.compile(rb"\s*[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?\s*(\r?\n|$)")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``load_values`` or ``normalised_profiles``, by what the file is."""
    name = payload.filename or payload.resource
    content = payload.content
    books = workbooks.sheets(content)
    if books is not None:
        first = next(iter(books.values()), [])
        if books and all(profiles.is_standard(grid) for grid in books.values()):
            return profiles.standard(books, source)
        by_month = {name: grid for name, grid in books.items() if profiles.is_monthly(grid)}
        if by_month:  # sheets with notes stand beside them
            return profiles.monthly(by_month, source)
        if profiles.is_appliances(first):
            return profiles.appliances(first, source)
        content = _sheet(books, source)
    elif PLAIN_NUMBER.match(content.removeprefix(b"\xef\xbb\xbf")):
        return profiles.year(content, name, source)
    return _loads(content, name, source)


def _sheet(books: dict[str, workbooks.Grid], source: Source) -> bytes:
    """The one sheet with measured values as CSV; other sheets are notes."""
    texts = ["\n".join(";".join(map(workbooks.as_text, r)) for r in g) for g in books.values()]
    found = [text for text in texts if has_layout(text, source)]
    if len(found) != 1:
        raise PayloadError(f"{len(found)} sheets with times and a unit (kW, MWh); one is expected")
    return found[0].encode()


def _loads(content: bytes, name: str, source: Source) -> Parsed:
    """Measured values, one row per line and column of values."""
    text = tabular.decode(content).replace('"', "").replace("\r", "")
    found = layout(text, source)
    # Blank lines instead of what stands before, so that line numbers stay.
    body = text.split("\n")[found.line :]
    head = "\n" * (found.line - 1) + found.delimiter.join(found.columns)
    lines = tabular.split_records("\n".join([head, *body]).encode(), found.delimiter)
    stamps = _stamps(lines, found)
    minutes, marks = _rhythm(stamps, found)
    known = FILE_NAME.match(PurePosixPath(name).stem)
    site = found.about.get("site") or (known["site"] if known else PurePosixPath(name).stem)
    medium = found.about.get("medium") or (known["medium"] if known else None)
    parts = [_series(lines, stamps, found, n) for n in range(len(found.values))]
    rows = tabular.constants(pa.concat_tables(parts).sort_by(tabular.ROW), site=site)
    for column, value in (("stamp_marks", marks), ("interval_minutes", minutes)):
        rows = rows.append_column(column, pa.array([value] * rows.num_rows, pa.string()))
    place = rows.column_names.index("medium")
    filled = pc.coalesce(rows.column("medium"), pa.scalar(medium, pa.string()))
    rows = rows.set_column(place, "medium", filled)
    comma = _decimal_comma(rows.column("value"), found.delimiter)
    table = source.tables[TABLE]
    return tabular.typed(rows, TABLE, table, null_markers=(*NULL_MARKERS, ""), decimal_comma=comma)


def _series(lines: pa.Table, stamps: Strings, found: Layout, number: int) -> pa.Table:
    """One column of values as rows; ``_row`` counts the cells line by line."""
    heading: Heading = found.values[number]
    line = pc.subtract(lines.column(tabular.ROW).combine_chunks(), 1)
    count = lines.num_rows
    missing = pc.fill_null(pc.equal(stamps, ""), True)
    fault = pc.coalesce(lines.column(tabular.FAULT), pc.if_else(missing, "no time stamp", None))
    return pa.table(
        {
            "medium": pa.array([heading.medium] * count, pa.string()),
            "meter": pa.array([heading.meter] * count, pa.string()),
            "measured_local": stamps,
            "value": lines.column(heading.column),
            "unit": pa.array([heading.unit] * count, pa.string()),
            tabular.FAULT: fault.cast(pa.string()),
            tabular.ROW: pc.add(pc.multiply(line, len(found.values)), number + 1),
        }
    )


def _stamps(lines: pa.Table, found: Layout) -> Strings:
    """Clock readings as ISO text; ``24:00`` becomes 0:00 of the next day."""
    parts = [pc.utf8_trim_whitespace(lines.column(c).combine_chunks()) for c in found.times]
    text = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, " ")
    iso = pc.replace_substring_regex(text, GERMAN_DAY, r"\3-\2-\1")
    late = pc.match_substring_regex(iso, r"[ T]24:00(:00)?$")
    if not pc.any(late).as_py():
        return iso
    midnights = {t: _next_midnight(t) for t in pc.unique(iso.filter(late)).to_pylist()}
    return pa.array([midnights.get(t, t) for t in iso.to_pylist()], pa.string())


def _next_midnight(text: str) -> str:
    try:
        day = datetime.strptime(re.split(r"[ T]", text)[0], "%Y-%m-%d")  # noqa: DTZ007 - a day
        return f"{day + timedelta(days=1):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return text  # typed will reject it


def _rhythm(stamps: Strings, found: Layout) -> tuple[str | None, str | None]:
    """Length of the intervals in minutes, and whether stamps mark their start or end.

    Where no heading says so, the first stamp does: a file that begins at 00:15 (or 01:00) counts
    ends. Raises PayloadError if the clock of the file is changed in spring or autumn.
    """
    minute = pc.replace_substring(pc.utf8_slice_codeunits(stamps, 0, 16), "T", " ")
    instants = pc.strptime(minute, format="%Y-%m-%d %H:%M", unit="s", error_is_null=True)
    times = instants.drop_null().to_numpy(zero_copy_only=False).astype("datetime64[m]")
    times = times[(times >= OLDEST) & (times < NEWEST)]
    if times.size < 2:  # noqa: PLR2004
        return None, found.marks
    _refuse_changed_clock(times)
    lengths, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    common = int(lengths[np.argmax(counts)])
    if common <= 0:
        return None, found.marks
    after_midnight = int((times[0] - times[0].astype("datetime64[D]")).astype(np.int64))
    inferred = {0: "start", common: "end"}.get(after_midnight)
    return str(common), found.marks or inferred


def _refuse_changed_clock(times: Times) -> None:
    """Raises PayloadError for a file in legal time: an hour is missing or occurs twice."""
    for year in np.unique(times.astype("datetime64[Y]")).astype(str).tolist():
        spring, autumn = (np.datetime64(_last_sunday(int(year), m), "m") for m in (3, 10))
        for half in (0, 30):
            one, two, three = (spring + np.timedelta64(h * 60 + half, "m") for h in (1, 2, 3))
            if np.isin([one, three], times).all() and two not in times:
                raise PayloadError(
                    f"the clock is put forward on {str(spring)[:10]}; CET is expected"
                )
        repeated = times[(times - autumn) // np.timedelta64(60, "m") == 2]  # noqa: PLR2004
        if np.unique(repeated).size < repeated.size:
            raise PayloadError(f"the clock is changed on {str(autumn)[:10]}; CET is expected")


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _decimal_comma(values: Strings, delimiter: str) -> bool:
    """Whether numbers are written ``1.234,5``. Raises PayloadError if they do not tell."""
    filled = pc.drop_null(values)
    if delimiter == "," or pc.any(pc.match_substring(filled, ",")).as_py():
        return delimiter != ","
    dotted = filled.filter(pc.match_substring(filled, "."))
    grouped = pc.match_substring_regex(dotted, r"^\s*[-+]?\d{1,3}(\.\d{3})+\s*$")
    if dotted.length() and pc.all(grouped).as_py():
        raise PayloadError("numbers like 1.234 may be thousands or decimals; the file does not say")
    return False

"""Load-profile files to rows: measured loads (CSV, Excel) and normalised profiles.

The formats are told apart by their bytes. A measured file has a column of times and one or more
columns of values; lines before the header may name site and medium. Its clock is CET all year;
stamps with an offset from UTC are turned into that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
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
from urbandata.sources.load_profile.headings import (
    Heading,
    Layout,
    fields,
    has_layout,
    layout,
)

Strings: TypeAlias = "pa.Array[Any]"
Times = npt.NDArray[np.datetime64]

TABLE = "load_values"
OLDEST, NEWEST = np.datetime64("1900-01-01"), np.datetime64("2200-01-01")
NULL_MARKERS = ("-", "---", "n/a", "N/A", "#NV")
FILE_NAME = re.compile(r"(?P<site>[^_]+)_(?P<medium>[^_\d]+)_\d{4}")
GERMAN_DAY = r"^\s*(\d{1,2})\.(\d{1,2})\.(\d{4})"
SHORT_DAY = r"^\s*(\d{1,2})\.(\d{1,2})\.(\d\d)(\D|$)"
CLOCK = r"[ T]+(\d{1,2}:\d\d)(:\d\d(\.\d+)?)?"
MIDNIGHT = r"[ T]+0?0:00(:00)?$"
OFFSET = r"(:\d\d(\.\d+)?)\s*(Z|[+-]\d\d:?\d\d)$"
CET = timezone(timedelta(hours=1))
BETWEEN = "\x1f"  # fields, once their quotes are gone
PLAIN_NUMBER = re.compile(rb"\s*[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?\s*(\r?\n|$)")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``load_values`` or ``normalised_profiles``, by what the file is."""
    name = payload.filename or payload.resource
    content = payload.content
    books = workbooks.sheets(content)
    if books is not None:
        first = next(iter(books.values()), [])
        by_season = {name: grid for name, grid in books.items() if profiles.is_standard(grid)}
        if by_season:
            return profiles.standard(by_season, source)
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
    text = tabular.decode(content).replace("\r", "")
    found = layout(text, source)
    lines = _lines(text, found)
    written, said = _stamps(lines, found)
    stamps = _replaced(written, OFFSET, _in_cet)
    minutes, marks = _rhythm(stamps, said, written)
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


def _lines(text: str, found: Layout) -> pa.Table:
    """Records after the header, with blank lines for what stands before: line numbers stay."""
    body, delimiter = text.split("\n")[found.line :], found.delimiter
    if '"' in text:
        body = [BETWEEN.join(fields(line, delimiter)) for line in body]
        delimiter = BETWEEN
    head = "\n" * (found.line - 1) + delimiter.join(found.columns)
    return tabular.split_records("\n".join([head, *body]).encode(), delimiter)


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


def _stamps(lines: pa.Table, found: Layout) -> tuple[Strings, str | None]:
    """Clock readings as ISO text, and what the headings of their columns say.

    ``24:00`` becomes 0:00 of the next day. A second column is the time of day if the first has
    days only (or, from a workbook, midnights only).
    """
    parts = [pc.utf8_trim_whitespace(lines.column(c).combine_chunks()) for c in found.times]
    days = pc.replace_substring_regex(parts[0], MIDNIGHT, "")
    if len(parts) > 1 and not pc.any(pc.match_substring_regex(days, r"\d:\d\d")).as_py():
        text, said = pc.binary_join_element_wise(days, parts[1], " "), found.marks
    else:
        text, said = parts[0], found.marks[:1]
    iso = pc.replace_substring_regex(text, GERMAN_DAY, r"\3-\2-\1")
    iso = pc.replace_substring_regex(iso, SHORT_DAY, r"20\3-\2-\1\4")
    iso = _replaced(iso, r"[ T]24:00(:00)?$", _next_midnight)
    return iso, next((mark for mark in said if mark), None)


def _replaced(texts: Strings, pattern: str, new: Callable[[str], str]) -> Strings:
    """``new`` of the texts that match, the others as they are."""
    found = pc.match_substring_regex(texts, pattern)
    if not pc.any(found).as_py():
        return texts
    known = {text: new(text) for text in pc.unique(texts.filter(found)).to_pylist()}
    return pa.array([known.get(t, t) for t in texts.to_pylist()], pa.string())


def _in_cet(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone(CET):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return f"unreadable {text}"  # typed would overlook the offset


def _next_midnight(text: str) -> str:
    try:
        day = datetime.strptime(re.split(r"[ T]", text)[0], "%Y-%m-%d")  # noqa: DTZ007 - a day
        return f"{day + timedelta(days=1):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return text  # typed will reject it


def _rhythm(stamps: Strings, said: str | None, written: Strings) -> tuple[str | None, str | None]:
    """Length of the intervals in minutes, and whether stamps mark their start or end.

    Where no heading says so, the earliest stamp as written does: a file that begins at 00:15 (or
    01:00) counts ends. Raises PayloadError if the clock of the file is changed in spring or
    autumn, or if stamps do not tell intervals apart.
    """
    times = _times(stamps)
    if times.size < 2:  # noqa: PLR2004
        return None, said
    _refuse_changed_clock(times)
    if np.unique(times).size * 2 <= times.size:
        raise PayloadError(
            "time stamps occur more than once: several registers stand below each other, "
            "or the time of day is missing"
        )
    steps = np.diff(times if times[0] <= times[-1] else times[::-1]).astype(np.int64)
    lengths, counts = np.unique(steps, return_counts=True)
    common = int(lengths[np.argmax(counts)])
    if common <= 0:
        return None, said
    clocks = _times(pc.replace_substring_regex(written, OFFSET, r"\1"))
    first = min(clocks[0], clocks[-1])
    after_midnight = int((first - first.astype("datetime64[D]")).astype(np.int64))
    inferred = {0: "start", common: "end"}.get(after_midnight)
    return str(common), said or inferred


def _times(stamps: Strings) -> Times:
    """Those of the stamps that are clock readings, to the minute; a day is its midnight."""
    minute = pc.replace_substring_regex(stamps, CLOCK + "$", r" \1")
    minute = pc.replace_substring_regex(minute, r"^[\d-]+$", r"\0 00:00")
    instants = pc.strptime(minute, format="%Y-%m-%d %H:%M", unit="s", error_is_null=True)
    times = instants.drop_null().to_numpy(zero_copy_only=False).astype("datetime64[m]")
    within: Times = times[(times >= OLDEST) & (times < NEWEST)]
    return within


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
    if pc.any(pc.match_substring(filled, ",")).as_py():
        return True
    if delimiter == ",":
        return False
    dotted = filled.filter(pc.match_substring(filled, "."))
    grouped = pc.match_substring_regex(dotted, r"^\s*[-+]?\d{1,3}(\.\d{3})+\s*$")
    if dotted.length() and pc.all(grouped).as_py():
        raise PayloadError("numbers like 1.234 may be thousands or decimals; the file does not say")
    return False

"""MSCONS messages to their series and one row per quantity (QTY) and period.

A series is a register (PIA) of a metering point (LOC+172) in a message; a quantity belongs to the
series before it and to the period in the DTM segments after it. Everything is found by position,
on whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.mscons.edifact import Encoded, Interchange, Places, Strings, read
from urbandata.sources.mscons.instants import instants
from urbandata.sources.mscons.quantities import quantities

Mask = npt.NDArray[np.bool_]
SERIES, VALUES = "series", "meter_values"
HEADS = ("UNH", "BGM", "DTM+137:", "LOC+172+", "LIN", "PIA+5+")  # what a series is made of
DETAILS = ("DTM", "STS")  # segments that belong to the one before them
INSTANT = r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)([+-]\d\d)$"


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``series`` and ``meter_values``, tied by the segment that completes a series."""
    interchange = read(payload.content)
    at = interchange.places("QTY")
    heads = interchange.places(*HEADS)
    begins, series_of = _distinct(_before(heads, at))
    series, known = _series(interchange, begins)
    values = _quantities(interchange, at, begins[series_of], ~known[series_of])
    tables = {SERIES: series, VALUES: values}
    found = [tabular.typed(rows, name, source.tables[name]) for name, rows in tables.items()]
    return Parsed(
        {name: table for p in found for name, table in p.tables.items()},
        tuple(reject for p in found for reject in p.rejects),
    )


def _series(interchange: Interchange, at: Places) -> tuple[pa.Table, Mask]:
    """Series whose last segment is ``at`` as text, and which of all have a metering point.

    Without one there is no series, and its quantities will not do.
    """
    message = _upto(interchange.places("UNH"), at)
    point = _inside(_upto(interchange.places("LOC+172+"), at), message)
    line = _upto(interchange.places("LIN"), at)
    register = _inside(_upto(interchange.places("PIA+5+"), at), line, point)
    header = _inside(_upto(interchange.places("BGM"), at), message)
    dated = _inside(_upto(interchange.places("DTM+137:"), at), message)
    columns = {
        "series": pa.array(at + 1, pa.int64()),
        "market_location": _field(interchange, point, "LOC+172+(?P<x>~)"),
        "obis": _field(interchange, register, "PIA+5+(?P<x>~)"),
        "message_ref": _field(interchange, message, "UNH+(?P<x>~)"),
        "message_function": _field(interchange, header, "BGM+(?:~:)*~+(?:~:)*~+(?P<x>~)"),
        "created_at": _iso(_field(interchange, dated, "DTM+137:(?P<x>~):303")),
        tabular.ROW: pa.array(at + 1, pa.int64()),
    }
    known = ~_blank(columns["market_location"])
    return pa.table(columns).filter(pa.array(known)), known


def _quantities(interchange: Interchange, at: Places, series: Places, homeless: Mask) -> pa.Table:
    """All quantities as text, with what makes one unreadable in ``_fault``."""
    found = quantities(interchange, at)
    starts, ends = _details(interchange, at, "DTM+163:", "DTM+164:")
    start, no_start, odd_start = _period(interchange, starts)
    end, no_end, odd_end = _period(interchange, ends)
    fault = _first(
        {
            "no metering point (LOC+172) before it": homeless,
            "no quantity that can be read": _blank(found.value),
            "no period (DTM+163 and DTM+164) after it": no_start | no_end,
            "the period is not in format 303": odd_start | odd_end,
        },
        at.size,
    )
    return pa.table(
        {
            "series": pa.array(series + 1, pa.int64()),
            "interval_start": start,
            "interval_end": end,
            "value": found.value,
            "unit": found.unit,
            "qualifier": found.status,
            tabular.FAULT: fault,
            tabular.ROW: pa.array(at + 1, pa.int64()),
        }
    )


def _distinct(places: Places) -> tuple[Places, Places]:
    """The distinct ones of ascending ``places``, and for each which of them it is."""
    new = np.diff(places, prepend=-2) > 0
    return places[new], np.cumsum(new) - 1


def _first(faults: Mapping[str, Mask], rows: int) -> Strings:
    """For each row the first fault it has."""
    texts = pa.nulls(rows, pa.string())
    for reason, found in reversed(list(faults.items())):
        if found.any():
            texts = pc.if_else(pa.array(found), reason, texts)
    return texts


def _before(places: Places, at: Places) -> Places:
    """The last of ``places`` before each of ``at``; -1 where there is none."""
    return _upto(places, at - 1)


def _upto(places: Places, at: Places) -> Places:
    """The last of ``places`` that is not after each of ``at``; -1 where there is none."""
    return np.append(places, -1)[np.searchsorted(places, at, "right") - 1]


def _inside(places: Places, *scopes: Places) -> Places:
    """``places`` that come after the beginning of every scope; -1 for the others."""
    begin = np.max(scopes, axis=0) if scopes[0].size else scopes[0]
    return np.where(places > begin, places, -1)


def _field(interchange: Interchange, places: Places, pattern: str) -> Encoded:
    """Group ``x`` of the pattern in the segment at each place; null for -1."""
    return interchange.extract(places, pattern)["x"]


def _period(interchange: Interchange, places: Places) -> tuple[Strings, Mask, Mask]:
    """Instants of DTM segments, as such or as text; where there is none or in another format."""
    usual = instants(interchange, places)
    if usual is not None:
        return usual, np.zeros(places.size, np.bool_), np.zeros(places.size, np.bool_)
    found = interchange.extract(places, "DTM+~:(?P<instant>~):?(?P<code>~)")
    instant, code = found["instant"], found["code"]
    return _iso(instant), _blank(instant), _odd(instant, code)


def _details(interchange: Interchange, at: Places, *prefixes: str) -> list[Places]:
    """For each prefix the last segment with it among the details after each of ``at``, or -1."""
    details = np.logical_or.reduce([interchange.starting(tag) for tag in DETAILS])
    details = np.append(details, False)
    found = [np.full(at.size, -1) for _ in prefixes]
    owner, place = np.arange(at.size), at + 1
    while (inside := details[place]).any():
        owner, place = owner[inside], place[inside]
        for prefix, last in zip(prefixes, found, strict=True):
            here = interchange.starting(prefix, place)
            last[owner[here]] = place[here]
        place = place + 1
    return found


def _iso(instant: Encoded) -> Encoded:
    """``202401010000+01`` as ISO 8601; anything else is marked and will not be an instant.

    Without an offset the text is no instant: the hour could not be told on two days of the year.
    """
    texts = instant.dictionary
    known = pc.match_substring_regex(texts, INSTANT)
    iso = pc.replace_substring_regex(texts, INSTANT, r"\1-\2-\3T\4:\5:00\6:00")
    marked = pc.binary_join_element_wise("no offset", texts, " ")
    return pa.DictionaryArray.from_arrays(instant.indices, pc.if_else(known, iso, marked))


def _blank(text: Encoded | Strings) -> Mask:
    """Where there is no text; read by position there is none without."""
    if not isinstance(text, pa.DictionaryArray):
        return np.zeros(len(text), np.bool_)
    return _where(text, pc.fill_null(pc.equal(text.dictionary, ""), True), True)


def _odd(instant: Encoded, code: Encoded) -> Mask:
    """Where an instant is stated in another format than 303 (minutes with offset)."""
    other = _where(code, pc.fill_null(pc.not_equal(code.dictionary, "303"), False), False)
    return other & ~_blank(instant)


def _where(text: Encoded, texts: Strings, missing: bool) -> Mask:
    """What holds for the distinct texts, for each text."""
    if not (text.indices.null_count or pc.any(texts, min_count=0).as_py()):
        return np.zeros(len(text), np.bool_)
    mask: Mask = pc.fill_null(texts.take(text.indices), missing).to_numpy(zero_copy_only=False)
    return mask

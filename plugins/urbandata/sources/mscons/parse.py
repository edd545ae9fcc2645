"""MSCONS messages to one row per quantity (QTY) and period.

A quantity belongs to the metering point (LOC+172), the register (PIA) and the message before it,
and to the period in the DTM segments after it. Everything is found by position, on whole columns.
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

Mask = npt.NDArray[np.bool_]
TABLE = "meter_values"
DETAILS = ("DTM", "STS")  # segments that belong to the one before them
INSTANT = r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)([+-]\d\d)$"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``meter_values``."""
    interchange = read(payload.content)
    return tabular.typed(_quantities(interchange), TABLE, source.tables[TABLE])


def _quantities(interchange: Interchange) -> pa.Table:
    """All quantities as text, with what makes one unreadable in ``_fault``."""
    at = interchange.places("QTY")
    message = _before(interchange.places("UNH"), at)
    point = _inside(_before(interchange.places("LOC+172+"), at), message)
    line = _before(interchange.places("LIN"), at)
    register = _inside(_before(interchange.places("PIA+5+"), at), line, point)
    header = _inside(_before(interchange.places("BGM"), at), message)
    dated = _inside(_before(interchange.places("DTM+137:"), at), message)
    quantity = interchange.extract(at, "QTY+(?P<code>~):(?P<value>~)(?::(?P<unit>~))?")
    start, start_code = _period(interchange, at, "163")
    end, end_code = _period(interchange, at, "164")
    columns = {
        "market_location": _field(interchange, point, "LOC+172+(?P<x>~)"),
        "obis": _field(interchange, register, "PIA+5+(?P<x>~)"),
        "interval_start": _iso(start),
        "interval_end": _iso(end),
        "value": _decimal_point(quantity["value"], interchange.marks.decimal),
        "unit": quantity["unit"],
        "qualifier": quantity["code"],
        "message_ref": _field(interchange, message, "UNH+(?P<x>~)"),
        "message_function": _field(interchange, header, "BGM+(?:~:)*~+(?:~:)*~+(?P<x>~)"),
        "created_at": _iso(_field(interchange, dated, "DTM+137:(?P<x>~):303")),
    }
    fault = _first(
        {
            "no metering point (LOC+172) before it": _blank(columns["market_location"]),
            "no quantity that can be read": _blank(quantity["value"]),
            "no period (DTM+163 and DTM+164) after it": _blank(start) | _blank(end),
            "the period is not in format 303": _odd(start, start_code) | _odd(end, end_code),
        },
        at.size,
    )
    return pa.table({**columns, tabular.FAULT: fault, tabular.ROW: pa.array(at + 1, pa.int64())})


def _first(faults: Mapping[str, Mask], rows: int) -> Strings:
    """For each row the first fault it has."""
    texts = pa.nulls(rows, pa.string())
    for reason, found in reversed(list(faults.items())):
        if found.any():
            texts = pc.if_else(pa.array(found), reason, texts)
    return texts


def _before(places: Places, at: Places) -> Places:
    """The last of ``places`` before each of ``at``; -1 where there is none."""
    found = np.searchsorted(places, at) - 1
    return np.append(places, -1)[found]


def _inside(places: Places, *scopes: Places) -> Places:
    """``places`` that come after the beginning of every scope; -1 for the others."""
    begin = np.max(scopes, axis=0) if scopes[0].size else scopes[0]
    return np.where(places > begin, places, -1)


def _field(interchange: Interchange, places: Places, pattern: str) -> Encoded:
    """Group ``x`` of the pattern in the segment at each place; null for -1.

    Few segments serve many quantities, so each is read once.
    """
    distinct, index = np.unique(places, return_inverse=True)
    known = distinct[distinct >= 0]
    values = interchange.extract(known, pattern)["x"]
    index = index - (distinct.size - known.size)
    return values.take(pa.array(index, mask=index < 0))


def _period(interchange: Interchange, at: Places, qualifier: str) -> tuple[Encoded, Encoded]:
    """Instant and its format code for each quantity, from the DTM segments that follow it."""
    dates = interchange.places(f"DTM+{qualifier}:")
    details = np.logical_or.reduce([interchange.starting(tag) for tag in DETAILS])
    owner = _before(np.flatnonzero(~details), dates)
    of_quantity = np.isin(owner, at)
    found = interchange.extract(dates[of_quantity], "DTM+~:(?P<instant>~):?(?P<code>~)")
    place = np.full(at.size, -1)
    place[np.searchsorted(at, owner[of_quantity])] = np.arange(int(of_quantity.sum()))
    wanted = pa.array(place, mask=place < 0)
    return found["instant"].take(wanted), found["code"].take(wanted)


def _iso(instant: Encoded) -> Encoded:
    """``202401010000+01`` as ISO 8601; anything else is marked and will not be an instant.

    Without an offset the text is no instant: the hour could not be told on two days of the year.
    """
    texts = instant.dictionary
    known = pc.match_substring_regex(texts, INSTANT)
    iso = pc.replace_substring_regex(texts, INSTANT, r"\1-\2-\3T\4:\5:00\6:00")
    marked = pc.binary_join_element_wise("no offset", texts, " ")
    return pa.DictionaryArray.from_arrays(instant.indices, pc.if_else(known, iso, marked))


def _decimal_point(value: Encoded, mark: str) -> Encoded:
    if mark == ".":
        return value
    texts = pc.replace_substring(value.dictionary, pattern=mark, replacement=".")
    return pa.DictionaryArray.from_arrays(value.indices, texts)


def _blank(text: Encoded) -> Mask:
    """Where there is no text."""
    return _where(text, pc.fill_null(pc.equal(text.dictionary, ""), True), True)


def _odd(instant: Encoded, code: Encoded) -> Mask:
    """Where an instant is stated in another format than 303 (minutes with offset)."""
    other = _where(code, pc.fill_null(pc.not_equal(code.dictionary, "303"), False), False)
    return other & ~_blank(instant)


def _where(text: Encoded, texts: Strings, missing: bool) -> Mask:
    """What holds for the distinct texts, for each text."""
    mask: Mask = pc.fill_null(texts.take(text.indices), missing).to_numpy(zero_copy_only=False)
    return mask

"""MSCONS messages to one row per quantity (QTY) and period.

A quantity belongs to the metering point (LOC+172), the register (PIA) and the message before it,
and to the period in the DTM segments after it. Everything is found by position, on whole columns.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from urbandata import tabular
from urbandata.contract import Parsed, Payload
from urbandata.registry import Source
from urbandata.sources.mscons.edifact import Interchange, Places, Strings, read

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
    point = _inside(_before(interchange.starting("LOC+172+"), at), message)
    line = _before(interchange.places("LIN"), at)
    register = _inside(_before(interchange.starting("PIA+5+"), at), line, point)
    header = _inside(_before(interchange.places("BGM"), at), message)
    dated = _inside(_before(interchange.starting("DTM+137:"), at), message)
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
    faults = {
        "no metering point (LOC+172) before it": _blank(columns["market_location"]),
        "no quantity that can be read": _blank(quantity["value"]),
        "no period (DTM+163 and DTM+164) after it": pc.or_(_blank(start), _blank(end)),
        "the period is not in format 303": pc.or_(_odd(start, start_code), _odd(end, end_code)),
    }
    texts = [pc.if_else(found, reason, None) for reason, found in faults.items()]
    fault = pc.coalesce(*texts) if at.size else pa.nulls(0, pa.string())
    return pa.table({**columns, tabular.FAULT: fault, tabular.ROW: pa.array(at + 1, pa.int64())})


def _before(places: Places, at: Places) -> Places:
    """The last of ``places`` before each of ``at``; -1 where there is none."""
    found = np.searchsorted(places, at) - 1
    return np.append(places, -1)[found]


def _inside(places: Places, *scopes: Places) -> Places:
    """``places`` that come after the beginning of every scope; -1 for the others."""
    begin = np.max(scopes, axis=0) if scopes[0].size else scopes[0]
    return np.where(places > begin, places, -1)


def _field(interchange: Interchange, places: Places, pattern: str) -> Strings:
    """Group ``x`` of the pattern in the segment at each place; null for -1.

    Few segments serve many quantities, so each is read once.
    """
    distinct, index = np.unique(places, return_inverse=True)
    known = distinct[distinct >= 0]
    values = interchange.extract(known, pattern)["x"]
    index = index - (distinct.size - known.size)
    return values.take(pa.array(index, mask=index < 0))


def _period(interchange: Interchange, at: Places, qualifier: str) -> tuple[Strings, Strings]:
    """Instant and its format code for each quantity, from the DTM segments that follow it."""
    dates = interchange.starting(f"DTM+{qualifier}:")
    heads = np.flatnonzero(~np.isin(interchange.tags, DETAILS))
    owner = _before(heads, dates)
    of_quantity = np.isin(owner, at)
    found = interchange.extract(dates[of_quantity], "DTM+~:(?P<instant>~):?(?P<code>~)")
    place = np.full(at.size, -1)
    place[np.searchsorted(at, owner[of_quantity])] = np.arange(int(of_quantity.sum()))
    wanted = pa.array(place, mask=place < 0)
    return found["instant"].take(wanted), found["code"].take(wanted)


def _iso(instant: Strings) -> Strings:
    """``202401010000+01`` as ISO 8601; anything else is marked and will not be an instant.

    Without an offset the text is no instant: the hour could not be told on two days of the year.
    """
    encoded = pc.dictionary_encode(instant)  # the same times for every meter
    texts = encoded.dictionary
    known = pc.match_substring_regex(texts, INSTANT)
    iso = pc.replace_substring_regex(texts, INSTANT, r"\1-\2-\3T\4:\5:00\6:00")
    marked = pc.binary_join_element_wise("no offset", texts, " ")
    return pc.if_else(known, iso, marked).take(encoded.indices)


def _decimal_point(value: Strings, mark: str) -> Strings:
    return value if mark == "." else pc.replace_substring(value, pattern=mark, replacement=".")


def _blank(text: Strings) -> Strings:
    return pc.fill_null(pc.equal(text, ""), True)


def _odd(instant: Strings, code: Strings) -> Strings:
    """Where an instant is stated in another format than 303 (minutes with offset)."""
    return pc.fill_null(pc.and_(pc.not_equal(instant, ""), pc.not_equal(code, "303")), False)

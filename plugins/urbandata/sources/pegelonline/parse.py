"""PEGELONLINE answers (JSON) and station snapshots (CSV) to readings."""

import unicodedata
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

UNITS = {"W": "cm", "Q": "m³/s"}  # W of the gauges asked; others, on canals above all, have m+NN
SNAPSHOT = {
    "stationsname": "station",
    "wasserstand_cm": "value",
    "einheit": "unit",
    "abgerufen_utc": "measured_at",
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``measurements``. JSON comes from the service, CSV from snapshot archives."""
    table = source.tables["measurements"]
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        return tabular.typed(_answer(payload, source), "measurements", table)
    return tabular.typed(_snapshot(payload), "measurements", table)


def gauge_and_series(payload: Payload) -> tuple[str, str]:
    """What a JSON answer is about; it says so nowhere itself.

    From the question asked, or for inbox files from the name (``DRESDEN_W.json``).
    """
    if payload.filename:
        name = unicodedata.normalize("NFC", PurePosixPath(payload.filename).stem).upper()
        station, _, series = name.rpartition("_")
    else:
        station, _, series = payload.resource.partition("/")
    if not station or series not in UNITS:
        name = payload.filename or payload.resource
        raise PayloadError(f"'{name}' names no gauge and series; call the file DRESDEN_W.json")
    return station, series


def _answer(payload: Payload, source: Source) -> pa.Table:
    """Readings of one gauge and series; no unit where only the service could tell it."""
    station, series = gauge_and_series(payload)
    rows = tabular.json_records(payload.content, ["measured_at=timestamp", "value"])
    rows = _fault_without_zone(rows)
    is_known = series == "Q" or station in source.options["stations"].values()
    unit = UNITS[series] if is_known else ""
    return tabular.constants(rows, station=station, series=series, unit=unit)


def _fault_without_zone(rows: pa.Table) -> pa.Table:
    """Marks stamps without an offset: read as UTC they would be an hour or two wrong."""
    zoned = pc.match_substring_regex(rows.column("measured_at"), r"(Z|[+-]\d\d:?\d\d)\s*$")
    fault = pc.if_else(pc.fill_null(zoned, True), None, "time stamp without offset from UTC")
    return rows.append_column(tabular.FAULT, fault.cast(pa.string()))


def _snapshot(payload: Payload) -> pa.Table:
    """One row per gauge at one moment; ``einheit`` is cm or m+NN."""
    rows = tabular.renamed(tabular.csv_records(payload.content), SNAPSHOT)
    # The last column: null means that the line was cut off, and its other values with it.
    cut = pc.is_null(rows.column("measured_at"))
    fault = pc.if_else(cut, "the line is cut off", rows.column(tabular.FAULT))
    place = rows.column_names.index(tabular.FAULT)
    return tabular.constants(rows.set_column(place, tabular.FAULT, fault), series="W")

"""Daily files of one sensor: semicolons, one line per reading, empty columns for SDS011.

Columns P1 and P2 are µg/m³, but for the PPD42NS, which counts particles.
"""

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

COLUMNS = {
    "sensor_id": "sensor_id",
    "sensor_type": "sensor_type",
    "location": "location_id",
    "lat": "latitude",
    "lon": "longitude",
    "timestamp": "measured_at",
    "P1": "pm10",
    "P2": "pm2_5",
}
COUNTS = "ppd42ns"
OFFSET, NONE = r":\d\d(\.\d+)?[+-]\d\d:?\d\d$", r"[+-]00:?00$"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``measurements``; a line that ends early is rejected, its last value may be cut."""
    rows = tabular.csv_records(payload.content, delimiter=";")
    if "timestamp" in rows.column_names and "P1" not in rows.column_names:
        kind = rows.column("sensor_type")[0].as_py() if rows.num_rows else "unknown"
        measured = ", ".join(n for n in rows.column_names[6:] if not n.startswith("_"))
        raise PayloadError(
            f"a sensor of another kind ({kind}: {measured}); only particulate matter is loaded"
        )
    place = rows.column_names.index(tabular.FAULT)
    cut = pc.is_null(rows.column(place - 1))  # the last column is empty in whole lines, not null
    fault = pc.if_else(cut, "the line is cut off", rows.column(place))
    text = tabular.renamed(rows.set_column(place, tabular.FAULT, fault), COLUMNS)
    text = _fault_if_not_utc(text)
    counts = pc.equal(pc.utf8_lower(text.column("sensor_type")), COUNTS)
    if pc.any(counts).as_py():
        raise PayloadError(f"a sensor that counts particles ({COUNTS}); only µg/m³ are loaded")
    return tabular.typed(text, "measurements", source.tables["measurements"])


def _fault_if_not_utc(text: pa.Table) -> pa.Table:
    """Marks stamps with another offset than 0: the column is UTC, and its offset is not kept."""
    stamps, place = text.column("measured_at"), text.column_names.index(tabular.FAULT)
    elsewhere = pc.and_not(
        pc.match_substring_regex(stamps, OFFSET), pc.match_substring_regex(stamps, NONE)
    )
    fault = pc.if_else(pc.fill_null(elsewhere, False), "the time is not UTC", text.column(place))
    return text.set_column(place, tabular.FAULT, fault)

"""Daily files of one sensor: semicolons, one line per reading, empty columns for SDS011."""

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
    return tabular.typed(text, "measurements", source.tables["measurements"])

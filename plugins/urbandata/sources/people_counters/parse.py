"""Uplinks to rows: a line of the storage, a webhook's body or a list of either.

Counters of different makers name their counts differently; ``fields`` in source.yml says how.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import json_lines, tabular
from urbandata.registry import Source

UPLINK = {
    "device_id": "end_device_ids.device_id",
    "received_at": "received_at",
    "session_key_id": "uplink_message.session_key_id",
    "frame_counter": "uplink_message.f_cnt",
    "port": "uplink_message.f_port",
    "rssi": "uplink_message.rx_metadata[0].rssi",
    "snr": "uplink_message.rx_metadata[0].snr",
}
GATEWAYS = "uplink_message.rx_metadata"
COUNTS = "uplink_message.decoded_payload"
# Doors counted by one device: adding them up or taking the first one would be a guess.
SECOND = [f"{COUNTS}.line_2_{name}" for name in ("total_in", "total_out", "period_in")]


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``uplinks``. Raises PayloadError if nothing in it is an uplink."""
    paths = {name: [path] for name, path in UPLINK.items()} | {"second": SECOND}
    for name, known in source.options["fields"].items():
        paths[name] = [f"{COUNTS}.{field}" for field in known]
    rows = json_lines.records(
        payload.content,
        {n: [f"{root}{p}" for root in ("result.", "") for p in ps] for n, ps in paths.items()},
        lengths={"gateways": [f"result.{GATEWAYS}", GATEWAYS]},
        required={"device_id": "no uplink: it names no device", "received_at": "no time"},
    )
    if rows.num_rows and not rows.column("device_id").drop_null():
        raise PayloadError("no uplinks: nothing names a device (end_device_ids.device_id)")
    several = pc.if_else(
        pc.is_valid(rows.column("second")), "the device counts several lines", None
    )
    fault = pc.coalesce(rows.column(tabular.FAULT), several.cast(pa.string()))
    rows = rows.set_column(rows.column_names.index(tabular.FAULT), tabular.FAULT, fault)
    return tabular.typed(rows, "uplinks", source.tables["uplinks"])

"""$name: answers to rows."""

from urbandata import tabular
from urbandata.contract import Parsed, Payload
from urbandata.registry import Source

FIELDS = ("place", "observed_at", "value")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``observations`` from a JSON list of objects."""
    rows = tabular.json_records(payload.content, FIELDS)
    return tabular.typed(rows, "observations", source.tables["observations"])

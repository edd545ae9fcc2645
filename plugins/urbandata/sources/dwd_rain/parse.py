"""DWD station files to rows: CDC products (zip or bare text) and POI reports (CSV).

The header tells the products apart. Lines of a CDC product end with ``eor``; one that does not
was cut off on the way.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

POI_HEAD = b"surface observations;Parameter description"
POI_HEADER_LINES = 3
POI_UNIT = "mm"
POI_STATION = re.compile(
    r"[A-Z]?\d{2,5}", re.ASCII
)  # 10315, and A191 of stations without a WMO number
CDC_NULLS = ("-999", "-999.0", "-999.00")
CUT_OFF = "the line is cut off: no 'eor' at its end"


@dataclass(frozen=True, slots=True)
class Product:
    """A CDC product: our table, the format of MESS_DATUM and our names of its columns."""

    table: str
    time: str
    time_format: str
    columns: Mapping[str, str]


PRODUCTS = {  # by a column that only this product has
    "RWS_10": Product(
        "ten_minutes",
        "measured_at",
        "%Y%m%d%H%M",
        {
            "QN": "quality_level",
            "RWS_DAU_10": "rain_duration",
            "RWS_10": "precipitation",
            "RWS_IND_10": "precipitation_indicator",
        },
    ),
    "R1": Product(
        "hourly",
        "measured_at",
        "%Y%m%d%H",
        {
            "QN_8": "quality_level",
            "R1": "precipitation",
            "RS_IND": "precipitation_indicator",
            "WRTR": "precipitation_form",
        },
    ),
    "RSK": Product(
        "daily",
        "observed_on",
        "%Y%m%d",
        {
            "QN_3": "wind_quality_level",
            "FX": "wind_gust_max",
            "FM": "wind_mean",
            "QN_4": "quality_level",
            "RSK": "precipitation",
            "RSKF": "precipitation_form",
            "SDK": "sunshine",
            "SHK_TAG": "snow_depth",
            "NM": "cloud_cover",
            "VPM": "vapour_pressure",
            "PM": "pressure",
            "TMK": "temperature_mean",
            "UPM": "humidity",
            "TXK": "temperature_max",
            "TNK": "temperature_min",
            "TGK": "temperature_ground_min",
        },
    ),
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``ten_minutes``, ``hourly`` or ``daily``, whichever the bytes hold."""
    content = product_text(payload.content)
    rows = tabular.split_records(content, ";")
    if content.removeprefix(b"\xef\xbb\xbf").startswith(POI_HEAD):
        return _poi(rows, source)
    return _cdc(rows, source)


def product_text(content: bytes) -> bytes:
    """The product inside a CDC zip, or the bytes themselves if they are none.

    Station descriptions in the same zip are left alone. Raises PayloadError if the archive is
    broken or does not hold exactly one product.
    """
    if not content.startswith(b"PK"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if PurePosixPath(n).name.startswith("produkt_")]
            if len(names) != 1:
                raise PayloadError(f"the zip holds {len(names)} product files (produkt_…), not 1")
            return archive.read(names[0])
    except BROKEN_ARCHIVE as error:
        raise PayloadError(f"the zip is broken: {error}") from error


def _cdc(rows: pa.Table, source: Source) -> Parsed:
    """A CDC product, recognised by its header."""
    kinds = [p for mark, p in PRODUCTS.items() if mark in rows.column_names]
    if len(kinds) != 1:
        header = ";".join(c for c in rows.column_names if not c.startswith("_"))[:200]
        raise PayloadError(
            f"no known DWD product: the header is '{header}', it needs one of {', '.join(PRODUCTS)}"
        )
    product = kinds[0]
    names = {"STATIONS_ID": "station_id", "MESS_DATUM": product.time, **product.columns}
    text = tabular.renamed(rows, {**names, "eor": "eor"})
    return tabular.typed(
        _whole_lines(text),
        product.table,
        source.tables[product.table],
        formats={product.time: product.time_format},
        null_markers=CDC_NULLS,
    )


def _whole_lines(text: pa.Table) -> pa.Table:
    """Marks lines without ``eor`` as faulty and drops that column."""
    ends = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text["eor"]), "eor"), False)
    cut = pc.if_else(ends, pa.scalar(None, pa.string()), pa.scalar(CUT_OFF))
    fault = pc.coalesce(text[tabular.FAULT], cut)
    place = text.column_names.index(tabular.FAULT)
    return text.set_column(place, tabular.FAULT, fault).drop_columns(["eor"])


def _poi(rows: pa.Table, source: Source) -> Parsed:
    """A POI report: names, units and German names in three lines, then an hour per line.

    The second line begins with the station's WMO number or, where it has none, DWD's identifier.
    Raises PayloadError if it does not, or if the precipitation has another unit.
    """
    names = {
        "surface observations": "day",
        "Parameter description": "clock",
        "precipitation_amount_last_hour": "precipitation",
    }
    text = tabular.renamed(rows, names)
    described = text.slice(0, 1).to_pylist()[0] if text.num_rows else {}
    station, unit = (str(described.get(c) or "").strip() for c in ("day", "precipitation"))
    if not POI_STATION.fullmatch(station):
        raise PayloadError("line 2 of the POI report does not begin with the station's number")
    if unit != POI_UNIT:
        raise PayloadError(f"precipitation of the POI report is in '{unit}', not in {POI_UNIT}")
    text = text.filter(pc.greater(text[tabular.ROW], POI_HEADER_LINES))
    stamp = pc.binary_join_element_wise(text["day"], text["clock"], " ")
    text = tabular.constants(text.append_column("measured_at", stamp), station_id=station)
    return tabular.typed(
        text,
        "hourly",
        source.tables["hourly"],
        formats={"measured_at": "%d.%m.%y %H:%M"},
        null_markers=("---",),
        decimal_comma=True,
    )

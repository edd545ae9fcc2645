"""What the sources that read shapefiles share: how the texts of the attributes are encoded."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

LANGUAGE_DRIVER = 29  # place of the byte in a .dbf that names its code page
CODE_PAGES = {0x01: "cp437", 0x02: "cp850"}  # of DOS; all others are read as Windows'


def encoding(parts: Mapping[str, bytes]) -> str:
    """Encoding of the ``dbf`` among the parts, by suffix: as the ``cpg`` says, else UTF-8 if the
    texts are, else the code page."""
    said = parts.get("cpg", b"").decode("ascii", "replace").strip()
    try:
        return codecs.lookup(said.removeprefix("ANSI ")).name
    except (LookupError, ValueError):
        pass
    table = parts["dbf"]
    records = table[int.from_bytes(table[8:10], "little") :]  # behind the header's numbers
    text = records.decode("utf-8", "replace")
    broken = text.count("\ufffd")  # a name that fills its field may end within a character
    if len(text) - len(text.encode("ascii", "ignore")) >= 2 * broken:
        return "utf-8"
    driver = table[LANGUAGE_DRIVER] if len(table) > LANGUAGE_DRIVER else 0
    return CODE_PAGES.get(driver, "cp1252")

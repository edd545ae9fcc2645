"""Archives for tests: the same bytes at any time of day, whatever is packed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

OLDEST = (1980, 1, 1, 0, 0, 0)


def zipped(
    files: Mapping[str, bytes | str], packing: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    """A zip archive of the files. ``writestr`` with a bare name would write the clock into it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, OLDEST), content, packing)
    return buffer.getvalue()


def dotted(files: Mapping[str, bytes | str]) -> dict[str, bytes | str]:
    """Keyword arguments as file names: ``a__csv`` is ``a.csv``."""
    return {name.replace("__", "."): content for name, content in files.items()}

"""ZIP archives (DOCX, XLSX) that depend on their content alone."""

from __future__ import annotations

import io
import zipfile

OLDEST = (1980, 1, 1, 0, 0, 0)  # the first instant a ZIP archive can name


def packed(content: bytes) -> bytes:
    """The archive with members in order and without a clock: equal content, equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        first = "[Content_Types].xml"
        for name in sorted(old.namelist(), key=lambda n: (n != first, n)):
            member = zipfile.ZipInfo(name, OLDEST)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            new.writestr(member, old.read(name), compresslevel=9)
    return out.getvalue()

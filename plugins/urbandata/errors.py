"""Errors a person can act on: each names the source, the file or address, and the way out."""

import copyreg
import zipfile
import zlib
from typing import Any

# What zipfile lets through of a damaged, cut or encrypted archive.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(RuntimeError, NotImplementedError, ValueError, LookupError),
)


class UrbandataError(Exception):
    """Base of all errors of the platform that carry a message for people."""


class ConfigError(UrbandataError):
    """A setting or a source.yml is wrong; the message names the file and the field."""


class PayloadError(UrbandataError):
    """A payload as a whole cannot be read (corrupt archive, truncated JSON, wrong encoding).

    Raised by ``parse``. The bytes stay in the raw zone; the payload is recorded as refused.
    """


class FetchError(UrbandataError):
    """A request failed for good.

    ``kind`` is one of ``timeout | network | rate_limited | server | auth | missing | client |
    redirected``; ``status`` is the HTTP status, if there was an answer.
    """

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status

    def __reduce__(self) -> tuple[Any, ...]:
        """For the way out of a child process: made without ``__init__``, which asks for more."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

"""Groups of payloads that are read, checked and stored together: memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from urbandata.landing import Attempt

CHUNK_BYTES = 64 * 2**20
LARGE_CHUNK_BYTES = 4 * CHUNK_BYTES  # of a backlog that is long enough for many of them
MANY_CHUNKS = 8
PAYLOAD_BYTES = CHUNK_BYTES // 256  # what each payload costs beside its bytes: two files to write


def chunks(pending: Sequence[Attempt]) -> Iterator[list[Attempt]]:
    """A backlog in chunks of ``CHUNK_BYTES``, or ``MANY_CHUNKS`` and more that are larger."""
    share = sum(map(_size, pending)) // MANY_CHUNKS
    return groups(pending, max(CHUNK_BYTES, min(share, LARGE_CHUNK_BYTES)))


def _size(attempt: Attempt) -> int:
    """Raw bytes, and what a payload costs whatever it holds."""
    return attempt.bytes + PAYLOAD_BYTES


def groups(
    attempts: Iterable[Attempt], limit: int, size: Callable[[Attempt], int] = _size
) -> Iterator[list[Attempt]]:
    """Attempts in their order, in groups of at most that size or of a single one."""
    group: list[Attempt] = []
    total = 0
    for attempt in attempts:
        if group and total + size(attempt) > limit:
            yield group
            group, total = [], 0
        group.append(attempt)
        total += size(attempt)
    if group:
        yield group

"""Whatever of a source has landed and is not in bronze yet; much of it in several processes.

Parsing and checking are Python's own work, so threads share one core. Processes are new ones and
not forks: by now this one may have threads of DuckDB, Arrow or S3. Each takes seconds to start,
which few chunks are not worth; this one works beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from queue import SimpleQueue
from typing import TypeAlias

from urbandata import chunking, processes
from urbandata.bronze import Bronze, Outcome
from urbandata.landing import Attempt
from urbandata.registry import Source
from urbandata.settings import Settings

METHOD = "spawn"
WORTH_IT = chunking.MANY_CHUNKS
Hand: TypeAlias = Callable[[list[Attempt]], list[Outcome]]


def process(settings: Settings, source: Source) -> Iterator[Outcome]:
    """Parse, check and store every pending payload of a source; outcomes oldest payload first.

    Raises UrbandataError if rows do not add up, ``BrokenProcessPool`` if a process dies; what is
    done by then stays done.
    """
    bronze = Bronze(settings)
    pending = bronze.pending(source.source)
    chunks = list(chunking.chunks(pending))
    number = processes.crew_of(len(chunks))
    if number == 1 or len(chunks) < WORTH_IT:
        yield from bronze.process(source, pending)
        return
    with processes.crew(number - 1, METHOD) as crew, ThreadPoolExecutor(number) as threads:

        def other(chunk: list[Attempt]) -> list[Outcome]:
            return crew.submit(_one, settings, source, chunk).result()

        hands: SimpleQueue[Hand] = SimpleQueue()
        hands.put(partial(_one, settings, source))
        for _ in range(number - 1):
            hands.put(other)
        yield from chain.from_iterable(threads.map(partial(_by_free_hand, hands), chunks))


def _by_free_hand(hands: SimpleQueue[Hand], chunk: list[Attempt]) -> list[Outcome]:
    """Process a chunk by this process or another, whichever is free."""
    hand = hands.get()
    try:
        return hand(chunk)
    finally:
        hands.put(hand)


def _one(settings: Settings, source: Source, chunk: list[Attempt]) -> list[Outcome]:
    return list(Bronze(settings).process(source, chunk, alone=False))

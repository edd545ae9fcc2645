"""Whatever of a source has landed and is not in bronze yet; much of it in several processes.

Parsing and checking are Python's own work, so threads share one core. Processes are new ones and
not forks: by now this one may have threads of DuckDB, Arrow or S3. Each takes seconds to start,
which few chunks are not worth; meanwhile this one begins with the newest payloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from urbandata import processes
from urbandata.bronze import MANY_CHUNKS, Bronze, Outcome
from urbandata.landing import Attempt
from urbandata.registry import Source
from urbandata.settings import Settings

METHOD = "spawn"
WORTH_IT = MANY_CHUNKS


def process(settings: Settings, source: Source) -> Iterator[Outcome]:
    """Parse, check and store every pending payload of a source; outcomes oldest payload first.

    Raises UrbandataError if rows do not add up, ``BrokenProcessPool`` if a process dies; what is
    done by then stays done.
    """
    bronze = Bronze(settings)
    chunks = list(bronze.chunks(source.source))
    number = processes.crew_of(len(chunks))
    if number == 1 or len(chunks) < WORTH_IT:
        yield from chain.from_iterable(bronze.process_chunk(source, c) for c in chunks)
        return
    with processes.crew(number - 1, METHOD) as crew:
        jobs = [crew.submit(_one, settings, source, c) for c in chunks]
        ours = {
            place: list(bronze.process_chunk(source, chunks[place]))
            for place in reversed(range(len(chunks)))
            if jobs[place].cancel()  # unless another process has begun it
        }
        for place, job in enumerate(jobs):
            yield from ours[place] if place in ours else job.result()


def _one(settings: Settings, source: Source, chunk: list[Attempt]) -> list[Outcome]:
    return list(Bronze(settings).process_chunk(source, chunk))

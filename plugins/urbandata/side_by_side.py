"""Several sources at once on the command line: what Airflow does there with tasks.

Processes, because parsing and checking take the time. They are forked after the libraries of a
check are in memory, as those alone take seconds to import, and end with the process that made them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed

from urbandata import door, pipeline, processes, registry
from urbandata.pipeline import Ingested
from urbandata.settings import Settings


def ingest(settings: Settings, names: Sequence[str]) -> Iterator[Ingested]:
    """Ingest the sources, each as soon as a process is free; yields what is done first.

    A source that asks what others have brought comes last. Raises what an ingest raises, and
    ``BrokenProcessPool`` if a process dies.
    """
    following = [n for n in names if "links_of" in registry.source(n).options]
    leading = [n for n in names if n not in following]
    number = processes.crew_of(len(leading))
    if number <= 1:
        yield from (pipeline.ingest(n, settings) for n in [*leading, *following])
        return
    door.warm_up()
    with processes.crew(number, "fork") as crew:
        for stage in (leading, following):
            yield from _done(crew.submit(pipeline.ingest, n, settings) for n in stage)


def _done(jobs: Iterator[Future[Ingested]]) -> Iterator[Ingested]:
    for job in as_completed(list(jobs)):
        yield job.result()

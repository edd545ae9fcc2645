"""One of several loaders at once: ``python loader.py SOURCE BATCHES [everything]``.

Makes batches of payloads of its source and loads each; with ``everything`` it takes what the
other loaders have made too. Prints the conflicts it met.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.cluster import made
from urbandata import registry, warehouse
from urbandata.settings import Settings

PAYLOADS, ROWS = 3, 200


def main(source: str, batches: int, everything: bool) -> None:
    settings = Settings.from_env()
    conflicts = 0
    for batch in range(batches):
        for number in range(PAYLOADS):
            made.payload(settings.data_dir, source, batch * PAYLOADS + number, ROWS)
        only = None if everything else [source]
        conflicts += warehouse.load_new(settings, registry.sources(), only).conflicts
    print(conflicts)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "everything" in sys.argv[3:])

"""Any command of Airflow, with the libraries of its tasks in memory before it forks them.

A process that runs tasks (the scheduler with LocalExecutor, a Celery worker) forks one per task.
Great Expectations and pandas alone take 5 to 7 s of CPU to import, more than a small source takes
to load; imported here they are shared by all tasks.
"""

from __future__ import annotations

import sys


def main() -> None:
    """``airflow`` with the arguments given."""
    from airflow.__main__ import main as airflow

    from urbandata import door, registry

    door.warm_up()
    registry.sources()
    sys.argv = ["airflow", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()

"""``python -m urbandata.platform …``: the supervisor's command line."""

import sys

from urbandata.platform.supervisor import main

if __name__ == "__main__":
    sys.exit(main())

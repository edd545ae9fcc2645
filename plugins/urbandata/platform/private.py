"""Where the platform leaves passwords for the programs it starts."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from urbandata.errors import ConfigError


def private_folder() -> Path:
    """A folder of this user that nobody else can enter, made if it is missing.

    Not in the data folder, which the citizens' page reads too. Raises ConfigError where somebody
    else got there first: the place for temporary files belongs to all users of a machine.
    """
    folder = Path(tempfile.gettempdir()) / f"urbandata-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ConfigError(f"{folder} is not a folder of this user, so no password goes there")
    folder.chmod(0o700)
    return folder

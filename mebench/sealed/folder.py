"""The private folder of a sealed process: made by the main process, removed whatever its owner did to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from mebench.errors import MebenchError

_PREFIX = "mebench-"


def private_folder() -> Path:
    """Make an empty folder that only this user can enter.

    Raises:
        MebenchError: there is no room for one.
    """
    try:
        return Path(os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX)))
    except OSError as error:
        raise MebenchError(
            f"no private folder can be made for a sealed process ({error.strerror or error}): let TMPDIR name a folder "
            "with room that can be written"
        ) from error


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, shut or very deep as it may be; no link is followed."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    with suppress(OSError):
        folder.chmod(0o700)
    for place, names, _ in os.walk(folder):
        # Before the walk goes on into them; a link would lead to somebody else's.
        for each in (Path(place, name) for name in names):
            if not each.is_symlink():
                with suppress(OSError):
                    each.chmod(0o700)
    with suppress(OSError):
        subprocess.run(["rm", "-rf", "--", str(folder)], stderr=subprocess.DEVNULL, check=False)

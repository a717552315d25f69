"""The folder in which jobs and answers of one run lie, private to its user, and what dead runs left in there.

    with spool(parent) as folder: ...       # .../mebench-x3k9f2, mode 0700; gone at the end

Pickles lie in it, which whoever could write there would run code with.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mebench.files import disk_errors
from mebench.locks import LockFile

_PREFIX = "mebench-"
_OWNER = "owner.lock"
_JOBS = "jobs"


@contextmanager
def spool(parent: Path) -> Iterator[Path]:
    """Yield a new private folder below another, once what dead processes left there is gone.

    Raises:
        MebenchError: the disk refuses.
    """
    with disk_errors(parent, "free some space, or name another folder: --executor 'slurm[folder=...]'"):
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_the_dead(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = LockFile(folder / _OWNER)
        lock.take()
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def remember(folder: Path, job: str) -> None:
    """Note the number of a job, so that it can be ended where this process dies before."""
    with suppress(OSError), (folder / _JOBS).open("a") as file:
        file.write(f"{job}\n")


def forget_the_dead(parent: Path) -> None:
    """Cancel the jobs of processes that were killed, whose answers nobody awaits, and remove their folders."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if LockFile(folder / _OWNER).is_held() or not (folder / _OWNER).exists():
                continue  # another run, or one that is just beginning
            for job in (
                dict.fromkeys((folder / _JOBS).read_text().split()) if (folder / _JOBS).exists() else ()
            ):
                with suppress(OSError):
                    subprocess.run(["scancel", job], check=False, capture_output=True, timeout=30)
            shutil.rmtree(folder, ignore_errors=True)

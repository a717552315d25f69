"""Getting what lies on a disk or a file server, tried again where the system refuses it.

    read_bytes(path)        # the whole file
    list_folder(path)       # what a folder holds
    is_there(path)          # a file server that went away is not an absent file

A file that the system cannot give is not a damaged file: nothing is known about what it holds. After a few tries
:class:`UnreachableError` says so in one sentence, and whatever needed the file stops.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from mebench.errors import MebenchError
from mebench.regular_files import open_regular, too_large

# Seconds between tries: a server that restarts its network needs a moment, a lost one should be told of soon.
PAUSES = (0.1, 0.4, 1.0)

# A picture of the most pixels that one may have, without compression, is of half this size.
MOST_BYTES = 512 << 20

_ABSENT = (FileNotFoundError, NotADirectoryError)

Result = TypeVar("Result")


class UnreachableError(MebenchError):
    """A file or folder that the system cannot give."""


def read_bytes(path: Path, *, start: int = 0, most: int | None = None, limit: int = MOST_BYTES) -> bytes:
    """Return a file's bytes.

    Args:
        path: the file.
        start: the first byte that is wanted; a negative one counts from the end.
        most: how many bytes are wanted; all by default.
        limit: how many there may be, where all are wanted.

    Raises:
        IrregularFileError: it is a pipe, a socket or a device.
        LargeFileError: it is larger than ``limit``.
        UnreachableError: the system cannot give it, or gives fewer bytes than it says there are.
    """

    def read() -> bytes:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            first = max(0, size + start) if start < 0 else min(start, size)
            if most is None and size - first > limit:
                raise too_large(path, limit)
            if first:
                file.seek(first)
            content = file.read() if most is None else file.read(most)
        due = size - first if most is None else min(most, size - first)
        if len(content) < due:
            raise OSError(errno.EIO, f"only {len(content)} of {due} bytes came")
        return content

    return _try_again(path, read)


class Entry(NamedTuple):
    """What lies in a folder under a name: whether it is a folder, too, and whether the name is a link's."""

    is_folder: bool
    is_link: bool


def list_folder(path: Path) -> dict[str, bool]:
    """Return name -> whether it is a folder of what a folder holds; nothing where there is no such folder.

    Raises:
        UnreachableError: see :func:`list_entries`.
    """
    return {name: entry.is_folder for name, entry in list_entries(path).items()}


def list_entries(path: Path) -> dict[str, Entry]:
    """Return name -> what it is of what a folder holds; nothing where there is no such folder.

    Raises:
        UnreachableError: the system cannot list it, or it is a link to nothing.
    """

    def listed() -> dict[str, Entry]:
        with os.scandir(path) as entries:
            return {entry.name: Entry(_is_folder(entry), entry.is_symlink()) for entry in entries}

    try:
        return _try_again(path, listed, _ABSENT)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise _unreachable(path, error) from error
        return {}
    except NotADirectoryError:
        return {}


def is_there(path: Path) -> bool:
    """Tell whether a file or folder exists.

    Raises:
        UnreachableError: the system cannot tell.
    """
    try:
        _try_again(path, path.stat, _ABSENT)
    except _ABSENT:
        return False
    return True


def state_of(path: Path) -> os.stat_result:
    """Return size and times of a file that was listed.

    Raises:
        UnreachableError: the system cannot tell, or the file is gone.
    """
    return _try_again(path, path.stat)


def _try_again(path: Path, action: Callable[[], Result], final: tuple[type[OSError], ...] = ()) -> Result:
    """Return what an action gives, tried again after each of the pauses; errors in ``final`` are answers."""
    for pause in PAUSES:
        try:
            return action()
        except final:
            raise
        except OSError:
            time.sleep(pause)
    try:
        return action()
    except final:
        raise
    except OSError as error:
        raise _unreachable(path, error) from error


def _unreachable(path: Path, error: OSError) -> UnreachableError:
    why = error.strerror or str(error)
    mend = "see that its disk or file server is there and that you may read it"
    if error.errno == errno.ENOENT:
        why = f"it is a link to {path.readlink()}, which is not there" if path.is_symlink() else "it is gone"
        mend = "put it back, or take its name out of the folder too"
    elif error.errno == errno.ELOOP:
        mend = "it is a link that leads to itself: restore it, or take it out of the folder"
    return UnreachableError(
        f"cannot read {path}: {why} (tried {len(PAUSES) + 1} times); {mend}, then run the same command again"
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads nowhere: reading it will say why

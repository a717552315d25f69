"""Opening files that somebody else wrote: regular ones only, and no larger than is sensible.

    with open_regular(path) as file: ...
    refuse_irregular(path)              # before a library opens it by its name

A pipe would be waited for without end, a device may have no end, and opening some devices does something.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from mebench.errors import MebenchError

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class IrregularFileError(MebenchError):
    """What lies under a file's name is a pipe, a socket, a device or, where that is told, a folder."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(f"{path} is {kind}, not a file: put a file in its place, or name another")


class LargeFileError(MebenchError):
    """A file is larger than anything that it could be."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading its bytes.

    Raises:
        IrregularFileError: it is a pipe, a socket or a device.
        OSError: as :func:`open`; a folder is one that cannot be opened.
    """
    refuse_irregular(path)  # opening a device can be more than looking at it
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115
    try:
        _refuse(path, os.fstat(file.fileno()))  # another may lie there by now
    except BaseException:
        file.close()
        raise
    return file


def read_regular(path: Path, *, most: int) -> bytes:
    """Return a regular file's bytes.

    Raises:
        IrregularFileError: it is a pipe, a socket or a device.
        LargeFileError: it holds more than ``most`` bytes.
        OSError: as :func:`open`.
    """
    with open_regular(path) as file:
        # Asked for the most it may be, Python would set aside so much memory first.
        size = os.fstat(file.fileno()).st_size or most
        content = file.read(min(size, most) + 1)
    if len(content) > most:
        raise too_large(path, most)
    return content


def refuse_irregular(path: Path) -> None:
    """Raise where a name is that of a pipe, a socket or a device.

    Raises:
        IrregularFileError: it is.
        OSError: there is nothing, or the system cannot tell.
    """
    _refuse(path, path.stat())


def too_large(path: Path, most: int) -> LargeFileError:
    """Return what to say of a file with more bytes than it may have."""
    return LargeFileError(f"{path} is larger than {most / 2**20:.0f} MiB, which no such file is: restore it")


def _refuse(path: Path, state: os.stat_result) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    for is_kind, name in _KINDS:
        if is_kind(state.st_mode):
            raise IrregularFileError(path, name)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))

"""Writing files so that a reader sees the whole of one or nothing of it.

    write_atomically(path, text)

A full or read-only disk becomes a :class:`MebenchError` that names the file and leaves no half of it.

    signature(path.stat())      # as long as it stays the same, so do the file's bytes
    content_of(path)            # their SHA-256
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.regular_files import IrregularFileError, open_regular, read_regular
from mebench.strict_json import parse_json

_WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.ENOTDIR: "a file stands where a folder is due",
    errno.EEXIST: "a file stands where a folder is due",
}

# The longest JSON that mebench writes has a tenth of it; read, so much of any JSON takes at most half a GiB.
JSON_LIMIT = 16 << 20

# Device, inode, size, times of the last change of the bytes and of anything (nanoseconds).
Signature = tuple[int, int, int, int, int]
# The coarsest clock of a file system in use ticks every two seconds.
_TICK = 2_000_000_000

_contents: dict[Path, tuple[Signature, str]] = {}


def signature(state: os.stat_result) -> Signature:
    """Return what cannot stay the same when a file's bytes change: a user can set ``mtime`` back, not ``ctime``."""
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def settled(found: Signature) -> bool:
    """Tell whether a change from now on must show in a signature: the last one is more than a clock's tick ago."""
    return found[4] + _TICK < time.time_ns()


def content_of(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes; this process reads it again only where it may have changed."""
    found = signature(path.stat())
    known = _contents.get(path)
    if known is None or known[0] != found:
        trusted = settled(found)
        with open_regular(path) as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        known = (found, digest.hexdigest())
        if trusted:
            _contents[path] = known
    return known[1]


def written_before(one: os.stat_result, other: os.stat_result) -> bool:
    """Tell whether a file may have been written before the last change of another one."""
    return one.st_mtime_ns <= other.st_ctime_ns + _TICK


@contextmanager
def disk_errors(path: Path, mend: str) -> Iterator[None]:
    """Turn the disk's refusals into one sentence; ``mend`` says what to do about it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _WHY:
            raise
        raise MebenchError(f"cannot write {path}: {_WHY[error.errno]}; {mend}") from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary file's path that becomes ``path`` when the block ends well, and vanishes when it does not.

    The block writes the file. One that lies at ``path`` is replaced.
    """
    # Several machines may share the folder, and with it the numbers of processes.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it into place.

    Raises:
        MebenchError: the disk refuses.
    """
    data = content.encode() if isinstance(content, str) else content
    mend = "free some space or choose another folder, then run the same command again"
    with disk_errors(path, mend), whole_file(path) as temporary:
        temporary.write_bytes(data)


def forget_leftovers(path: Path) -> None:
    """Remove what killed writers of a file left half-written; whoever may be two needs a lock around this."""
    for left in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        left.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, named: Callable[[], Path] | None = None) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` when the block ends well, and vanishes when it does not.

    ``path`` must be new or an empty folder. What a killed process left of an earlier try is removed first;
    whoever may be two at once needs a lock around this. ``named`` is asked at the end what the folder is to be called
    instead, where that depends on what was written.
    """
    # Not of a neighbour whose name goes on where this one ends, which somebody may be writing: `kept` and `kept.v2`.
    of_this = re.compile(re.escape(f".{path.name}.") + r"(\w+\.)?part")
    for left in path.parent.glob(f".{escape(path.name)}.*part"):
        if of_this.fullmatch(left.name):
            shutil.rmtree(left, ignore_errors=True)
    # Its own name each time: a process that was taken for dead may still be writing to its folder.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        target = named() if named else path
        if target.exists():
            target.rmdir()
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def to_json(content: Any) -> str:
    """Return the one JSON form mebench writes: sorted keys, two spaces, a final newline."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path, *, limit: int = JSON_LIMIT) -> Any:
    """Read a JSON file of at most ``limit`` bytes.

    Raises:
        MebenchError: it is missing, no regular file, longer, cut short, or not JSON in the strict sense
            (:mod:`mebench.strict_json`).
    """
    data = read_content(path, limit=limit)
    try:
        return parse_json(data.decode("utf-8"))
    except ValueError as error:
        raise MebenchError(f"{path} is not readable JSON ({error}): delete it, or restore it") from error


def read_content(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a regular file that has at most ``limit``; a pipe in its place is not waited for.

    Raises:
        MebenchError: it is missing, no regular file, or larger, or it cannot be read.
    """
    try:
        return read_regular(path, most=limit)
    except IsADirectoryError as error:
        raise IrregularFileError(path, "a folder") from error
    except FileNotFoundError as error:
        raise MebenchError(f"there is no {path}") from error
    except OSError as error:
        raise MebenchError(
            f"cannot read {path}: {error.strerror or error}; see that its disk or file server is there and that you "
            "may read it"
        ) from error

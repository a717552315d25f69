"""Watching what code does to the machine while it runs: files that it writes, hosts that it calls.

    with watched(private) as seen:
        model.fit(train, context)
    seen.written        # paths outside `private` that were opened for writing
    seen.called         # addresses that were connected to

Python tells of both by its audit events, so nothing is patched. A fold's process refuses what is seen here.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
# Event -> which of its arguments are paths that change.
_CHANGING = {
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.link": (1,),
    "os.truncate": (0,),
    "sqlite3.connect": (0,),
}
# Where writing changes nothing that lasts: devices, this process's own settings, Python's bytecode.
_HARMLESS = ("/dev/", "/proc/")


@dataclass
class Seen:
    """What was seen; ``private`` is where writing is allowed."""

    private: Path
    written: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)

    def event(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event of Python."""
        if name == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._wrote(path)
        elif name in _CHANGING:
            for place in _CHANGING[name]:
                self._wrote(arguments[place])
        elif name == "socket.connect":
            self.called.append(str(arguments[1]))

    def _wrote(self, path: Any) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return  # a descriptor that was open already
        text = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - no link may be followed in here
        harmless = text.startswith(_HARMLESS) or "__pycache__" in text
        if not harmless and not Path(text).is_relative_to(self.private):
            self.written.append(text)


_watching: list[Seen] = []
_hooked: list[bool] = []


def _tell(name: str, arguments: tuple[Any, ...]) -> None:
    for seen in _watching:
        seen.event(name, arguments)


@contextmanager
def watched(private: Path) -> Iterator[Seen]:
    """Watch this process, whose working directory, home and temporary folder are a private folder meanwhile.

    As a fold's process has them. Environment and working directory are as before afterwards.
    """
    if not _hooked:  # once in a process: a hook cannot be taken away again
        sys.addaudithook(_tell)
        _hooked.append(True)
    private = private.resolve()
    seen = Seen(private)
    before, place, temporary = dict(os.environ), Path.cwd(), tempfile.tempdir
    _watching.append(seen)
    try:
        os.environ.update(HOME=str(private), TMPDIR=str(private))
        tempfile.tempdir = str(private)
        os.chdir(private)
        yield seen
    finally:
        _watching.remove(seen)
        os.chdir(place)
        tempfile.tempdir = temporary
        for name in set(os.environ) - set(before):
            del os.environ[name]
        with suppress(OSError):
            os.environ.update(before)

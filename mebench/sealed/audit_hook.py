"""Where the system cannot keep a process from files: Python's own audit hook refuses to open them.

It stops Python code, honest or careless; code in C, or bent on it, gets around. So it is a fallback, and is named in
every record.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_LISTS = ("os.listdir", "os.scandir", "os.chdir")
_CHANGES = (
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "os.utime",
    "os.mkfifo",
    "os.setxattr",
    "os.removexattr",
    "sqlite3.connect",
)
_MOVES = ("os.rename", "os.link", "os.symlink")
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn")
_NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")
_CALLING = ("socket.connect", "socket.sendto", "socket.sendmsg")
_SIGNALS = ("os.kill", "os.killpg")


@dataclass(frozen=True)
class Allowed:
    """The real paths beneath which files may be read, written and run."""

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    executable: tuple[str, ...] = ()

    def reads(self, path: str) -> bool:
        """Tell whether a real path may be read."""
        own = f"/proc/{os.getpid()}"
        return is_beneath(path, (*self.readable, *self.writable, *self.executable, own))

    def writes(self, path: str) -> bool:
        """Tell whether a real path may be written."""
        return is_beneath(path, self.writable)

    def runs(self, path: str) -> bool:
        """Tell whether a program may be run: what it does, nobody watches."""
        return is_beneath(path, self.executable)


def is_beneath(path: str, folders: tuple[str, ...]) -> bool:
    """Tell whether a real path is one of some folders or lies in one."""
    return any(path == each or path.startswith(each + os.sep) for each in folders)


def watch(allowed: Allowed, *, network: bool) -> None:
    """Refuse from now on, for as long as this process lives, what is not allowed.

    Files that Python opens raise PermissionError with their path, as Landlock's refusal would.
    """
    inside = threading.local()
    checks = _checks(allowed, network)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        check = checks.get(event)
        if check is None or getattr(inside, "busy", False):
            return
        inside.busy = True
        try:
            check(arguments)
        finally:
            inside.busy = False

    sys.addaudithook(hook)


def watch_sockets(writable: tuple[str, ...]) -> None:
    """Refuse from now on sockets that have a path outside of some folders: no namespace or right of Landlock does.

    A server that somebody started outside might answer there. It stops Python code; C gets around.
    """

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CALLING:
            return
        path = arguments[1] if len(arguments) > 1 else None
        if not isinstance(path, str | bytes) or path[:1] in ("\0", b"\0"):
            return
        if not is_beneath(os.path.realpath(text := os.fsdecode(path)), writable):
            raise PermissionError(errno.EACCES, "a sealed process calls no server outside", text)

    sys.addaudithook(hook)


def _checks(allowed: Allowed, network: bool) -> dict[str, Callable[[tuple[Any, ...]], None]]:
    def opened(arguments: tuple[Any, ...]) -> None:
        path, mode, flags = (*arguments, None, None)[:3]
        writes = bool(isinstance(flags, int) and flags & _WRITING) or (
            isinstance(mode, str) and any(each in mode for each in "wax+")
        )
        _demand(allowed.writes if writes else allowed.reads, path)

    def listed(arguments: tuple[Any, ...]) -> None:
        _demand(allowed.reads, arguments[0] if arguments[0] is not None else ".")

    def changed(arguments: tuple[Any, ...]) -> None:
        _demand(allowed.writes, arguments[0])

    def moved(arguments: tuple[Any, ...]) -> None:
        for path in arguments[:2]:
            _demand(allowed.writes, path)

    def started(arguments: tuple[Any, ...]) -> None:
        program = arguments[0] if arguments else ""
        _demand(allowed.runs, program if isinstance(program, str | bytes | os.PathLike) else str(program))

    def connected(arguments: tuple[Any, ...]) -> None:
        raise PermissionError(errno.EACCES, "a sealed process has no network")

    def signalled(arguments: tuple[Any, ...]) -> None:
        if arguments[0] not in (0, os.getpid()) and os.getpgid(arguments[0]) != os.getpgid(0):
            raise PermissionError(errno.EPERM, "a sealed process signals its own processes only")

    checks: dict[str, Callable[[tuple[Any, ...]], None]] = {"open": opened}
    for events, check in ((_LISTS, listed), (_CHANGES, changed), (_MOVES, moved), (_PROGRAMS, started)):
        checks |= dict.fromkeys(events, check)
    checks |= dict.fromkeys(() if network else _NETWORK, connected)
    return checks | dict.fromkeys(_SIGNALS, signalled)


def _demand(allows: Callable[[str], bool], path: Any) -> None:
    if isinstance(path, int):
        return  # a descriptor that it was given, or has been allowed to open
    text = os.fsdecode(path)
    if not allows(os.path.realpath(text)):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), text)

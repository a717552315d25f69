"""The process above a sealed one: it sees that nothing of it is left, whoever ends first.

It is trusted code and never runs a line of anybody else's. Orphans of the sealed process come to it, those with a
session of their own too. When the sealed process has ended it kills what is left, says how it ended, and ends; when
the main process is gone (the life line is at its end) it kills everything and removes the private folder.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from mebench.sealed.folder import remove_folder

_SUBREAPER, _DEATH_SIGNAL = 36, 1
_PATIENCE = 10.0


def supervise(life: socket.socket, private: str, start: Callable[[], None]) -> None:
    """Start a sealed process and stay until it and all below it are gone. Runs in a fresh fork of the start server.

    Args:
        life: the line to the main process.
        private: the sealed process's folder.
        start: what the sealed process does; it must not return.
    """
    become_subreaper()
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    me = os.getpid()
    try:
        inner = os.fork()
    except OSError as error:
        _say(life, {"failed": f"no process can be started: {error.strerror}"})
        return
    if not inner:
        die_with_parent(me)
        os.close(awake)
        signal.set_wakeup_fd(-1)
        os.close(wake)
        life.close()
        start()
        os._exit(1)
    _keep_only(life.fileno(), awake, wake)
    _say(life, {"started": [me, inner]})
    status = _until_it_ends(inner, life, awake)
    if status is None:
        # It leads a session of its own, and a group: enough where the system cannot be asked for descendants.
        for kill in (os.killpg, os.kill):
            with suppress(OSError):
                kill(inner, signal.SIGKILL)
    with suppress(Exception):
        kill_below(me)
    _say(life, {"ended": -signal.SIGKILL if status is None else status})
    # The main process removes the folder and then lets go; where it cannot any more, it is removed here.
    life.setblocking(True)
    with suppress(OSError):
        while life.recv(16):
            pass
    remove_folder(Path(private))


def _until_it_ends(inner: int, life: socket.socket, awake: int) -> int | None:
    """Return the inner process's exit status, None where the main process wants an end or is gone."""
    life.setblocking(False)
    while True:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == inner:
                return os.waitstatus_to_exitcode(status)
            if not pid:
                break
        ready, _, _ = select.select([life.fileno(), awake], [], [])
        if life.fileno() in ready:
            return None
        with suppress(BlockingIOError):
            os.read(awake, 512)


def _say(life: socket.socket, words: dict[str, object]) -> None:
    with suppress(OSError):
        life.sendall(json.dumps(words).encode() + b"\n")


def _keep_only(*kept: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    close_all_but({0, 1, 2, *kept})


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor of this process but those given."""
    edges = [-1, *sorted(kept), max(4096, os.sysconf("SC_OPEN_MAX"))]
    for below, above in pairwise(edges):
        if above > below + 1:  # of an empty range that begins at 0 Python closes everything
            os.closerange(below + 1, above)


def become_subreaper() -> None:
    """Let orphans of this process's descendants come to it (Linux; elsewhere they go to the system)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """End this process when its parent ends, even if that was killed (Linux; elsewhere nothing)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it was gone before


def kill_below(root: int, *, spare: frozenset[int] = frozenset(), patience: float = _PATIENCE) -> None:
    """Kill all descendants of this process but those spared and theirs, until none is left; reap them."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if not (found := below(root, spare)):
            return
        # Stopped first: one that keeps forking would always be a child ahead.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with suppress(OSError):
                    os.kill(pid, number)
        for pid in found:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)


def below(root: int, spare: frozenset[int] = frozenset()) -> set[int]:
    """Return the descendants of a process, without those spared and theirs."""
    parents = {pid: parent for pid, parent in _parents().items() if pid not in spare}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}


def _parents() -> dict[int, int]:
    if not sys.platform.startswith("linux"):
        import psutil

        return {each.pid: each.info["ppid"] for each in psutil.process_iter(["ppid"])}
    parents = {}
    for each in os.listdir("/proc"):  # noqa: PTH208 - the names are all that is wanted
        if each.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # The name of a program may hold brackets and blanks.
                fields = Path("/proc", each, "stat").read_bytes().rpartition(b")")[2].split()
                if fields[0] != b"Z" or int(fields[1]) == os.getpid():
                    parents[int(each)] = int(fields[1])
    return parents

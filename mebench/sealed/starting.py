"""The main process's side of the start server: one for this process, started when first needed and again if it dies."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from mebench.errors import MebenchError
from mebench.sealed import landlock
from mebench.sealed.environment import kept_environment
from mebench.sealed.limits import hide_memory
from mebench.sealed.seal import WITHOUT, switched_off
from mebench.sealed.server import LENGTH
from mebench.sealed.words import signal_name

# Told over the socket, not on the command line, which every process can read: where modules lie.
_BOOT = """\
import json, socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
n = int.from_bytes(s.recv(8, socket.MSG_WAITALL), "little")
sys.path[:] = json.loads(s.recv(n, socket.MSG_WAITALL))
from mebench.sealed.server import serve
serve(s)
"""
_PATIENCE = 60.0
_lock = threading.RLock()


class StartServer:
    """A running start server."""

    def __init__(self) -> None:
        if not landlock.version() or "landlock" in switched_off():
            hide_memory()
        self.environment = _for_libraries()
        self._loaded: set[str] = set()
        self._owner = os.getpid()
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the server
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_PATIENCE)
        if not sys.executable:
            raise MebenchError(
                "sealed processes cannot be started: this Python does not know its own program"
            )
        flags = [*(f"-W{each}" for each in sys.warnoptions), *("-O" for _ in range(sys.flags.optimize))]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", _BOOT, str(theirs.fileno())],
                cwd=os.sep,
                env=self.environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,  # a terminal's Ctrl-C must not reach it
            )
        with suppress(OSError):  # it is gone already, and the first request will tell
            self._send(json.dumps(module_path()).encode())

    def fits(self) -> bool:
        """Tell whether it is alive, this process's own, and has the environment that is wanted now."""
        return (
            self._owner == os.getpid()
            and self._process.poll() is None
            and self.environment == _for_libraries()
        )

    def ask(self, request: Mapping[str, Any], preload: Sequence[str], descriptors: Sequence[int]) -> None:
        """Ask for a sealed process.

        Raises:
            OSError: it is gone, or does not listen.
        """
        with _lock:
            new = [each for each in dict.fromkeys(preload) if each not in self._loaded]
            self._send(json.dumps({**request, "preload": new}).encode(), descriptors)
            self._loaded.update(new)

    def _send(self, text: bytes, descriptors: Sequence[int] = ()) -> None:
        head = len(text).to_bytes(LENGTH, "little")
        socket.send_fds(self._socket, [head], list(descriptors))
        self._socket.sendall(text)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def last_words(self) -> str:
        """Return the last line that it printed, or how it ended."""
        with suppress(OSError, ValueError):
            self._said.seek(0)
            if lines := self._said.read()[-4096:].decode("utf-8", "replace").split("\n"):
                for line in reversed(lines):
                    if line.strip():
                        return " ".join(line.split())[:300]
        code = self._process.poll()
        return f"it ended with {signal_name(-code) if code is not None and code < 0 else code}"

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it; what it started goes on."""
        self._socket.close()
        if self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._said.close()


def _for_libraries() -> dict[str, str]:
    """Return the environment that libraries are imported in; what the seal asks for comes with each request."""
    return {name: value for name, value in kept_environment().items() if name != WITHOUT}


_server: StartServer | None = None


def start_server() -> StartServer:
    """Return this process's start server, a new one where there is none that fits.

    Raises:
        MebenchError: it cannot be started.
    """
    global _server  # noqa: PLW0603 - one a process, as its lock
    with _lock:
        if _server is None or not _server.fits():
            close_server()
            try:
                _server = StartServer()
            except OSError as error:
                raise MebenchError(
                    f"the start server of sealed processes cannot be started ({error.strerror or error}): end other "
                    "processes, or free memory and the temporary folder (TMPDIR)"
                ) from error
        return _server


def close_server() -> None:
    """End this process's start server, if there is one; the next sealed process starts another."""
    global _server  # noqa: PLW0603
    with _lock:
        if _server is not None:
            _server.close()
            _server = None


atexit.register(close_server)


def module_path() -> list[str]:
    """Return ``sys.path`` for another process, whose working directory is elsewhere."""
    return [str(Path(each).absolute()) for each in sys.path if isinstance(each, str)]

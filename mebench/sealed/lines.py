"""The main process's ends of the lines to a sealed process: what it prints, whether it lives, what it is to be sent."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import IO, Any

import numpy as np

from mebench.sealed.descriptor import in_descriptor
from mebench.sealed.wire import encode

_CHUNK = 1 << 16
_LINE_LIMIT = 4096


class Log:
    """What a sealed process prints, up to a limit; what is over it is read and dropped, so that it need not wait."""

    def __init__(self, limit: int) -> None:
        self.source: IO[bytes] | None = None
        self.dry = True
        self._left = limit
        self._limit = limit
        self._kept: list[bytes] = []
        self._cut = False

    def read(self, most: int = 8 << 20) -> None:
        """Read what is there."""
        self.dry = True
        while self.source is not None and most > 0:
            got = _arrived(partial(os.read, self.source.fileno(), _CHUNK))
            if got is None:
                return
            if not got:
                self.close()
                return
            self.dry = False
            most -= len(got)
            self.add(got)

    def add(self, text: bytes) -> None:
        """Keep a text, as far as there is room for it."""
        if self._left:
            self._kept.append(text[: self._left])
        if len(text) > self._left and not self._cut:
            self._cut = True
            self._kept.append(f"\n[cut here: it printed more than {self._limit:,} bytes]\n".encode())
        self._left = max(0, self._left - len(text))

    def take(self) -> bytes:
        """Return what was kept since the last time."""
        kept, self._kept = b"".join(self._kept), []
        return kept

    def close(self) -> None:
        """Read no more."""
        if self.source is not None:
            self.source.close()
            self.source = None


class Life:
    """The line to the supervisor, whose end is the end of the sealed process."""

    def __init__(self, source: socket.socket) -> None:
        source.setblocking(False)
        self.source: socket.socket | None = source
        self.over = False
        self.pids: list[int] = []
        self.status: int | None = None
        self.failed = ""
        self._buffer = b""

    def read(self) -> None:
        """Take note of what the supervisor says."""
        while self.source is not None and not self.over:
            got = _arrived(partial(self.source.recv, _LINE_LIMIT))
            if got is None:
                return
            if not got:
                self.close()
                return
            *lines, self._buffer = (self._buffer + got).split(b"\n")
            for line in lines:
                said = json.loads(line)
                self.pids = said.get("started", self.pids)
                self.status = said.get("ended", self.status)
                self.over |= "ended" in said
                self.failed = said.get("failed", self.failed)

    def stop(self, patience: float) -> None:
        """Have everything killed, and wait until it is."""
        until = time.monotonic() + patience
        if self.source is not None:
            with suppress(OSError):
                self.source.send(b"end")
        self.read()
        # Where none has started yet, whoever starts it finds the line at its end.
        while (
            self.pids and self.source is not None and not self.over and (left := until - time.monotonic()) > 0
        ):
            poll = select.poll()
            poll.register(self.source, select.POLLIN)
            poll.poll(left * 1000)
            self.read()
        if not self.over:
            # Stopped, or never come to life: its children die with it.
            for pid in self.pids:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of the supervisor, which ends."""
        self.over = True
        if self.source is not None:
            self.source.close()
            self.source = None


class Outbox:
    """Frames on their way to a sealed process, which may not be reading at the moment."""

    def __init__(self) -> None:
        self._target: socket.socket | None = None
        self._frames: deque[tuple[bytes, int | None]] = deque()
        self._sent: list[tuple[bytes, int | None]] = []
        self._place = 0

    @property
    def waiting(self) -> bool:
        """Whether there is something to send."""
        return bool(self._frames)

    def begin(self, target: socket.socket) -> None:
        """Send to this socket from now on: everything, where another one was lost."""
        self._frames.extendleft(reversed(self._sent))
        self._sent, self._place, self._target = [], 0, target
        self.send()

    def add(self, message: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Take a frame, its arrays in a descriptor."""
        head, plain = encode(message, arrays)
        body = any(array.nbytes for array in plain)
        self._frames.append((head, in_descriptor(plain) if body else None))

    def send(self) -> None:
        """Send what can be sent without waiting."""
        while self._target is not None and self._frames:
            head, descriptor = self._frames[0]
            try:
                if self._place or descriptor is None:
                    self._place += self._target.send(memoryview(head)[self._place :])
                else:
                    self._place += socket.send_fds(self._target, [head], [descriptor])
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._target = None  # it is gone, and its end is told elsewhere
                return
            if self._place == len(head):
                self._sent.append(self._frames.popleft())
                self._place = 0

    def keep_nothing(self) -> None:
        """Let go of what was sent: the process has it."""
        for _, descriptor in self._sent:
            if descriptor is not None:
                os.close(descriptor)
        self._sent = []

    def close(self) -> None:
        """Drop everything."""
        self._target = None
        self._sent += self._frames
        self._frames.clear()
        self.keep_nothing()


def _arrived(read: Callable[[], bytes]) -> bytes | None:
    """Return what a line that does not wait has, nothing where it has ended, and None where nothing is there yet."""
    try:
        return read()
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""

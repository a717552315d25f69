"""A sealed process, as the main process holds it.

    with SealedProcess("mypackage.work:work", seal, assignment=pickled) as process:
        process.send({"predict": 3}, {"pixels": array})
        while process.ended is None:
            wait_any([process], timeout=1)
            frames = process.pump()

Nothing here waits for the sealed process, and nothing that it sends is unpickled, run or believed beyond its form.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.sealed.environment import kept_environment
from mebench.sealed.folder import private_folder, remove_folder
from mebench.sealed.importing import places_of
from mebench.sealed.lines import Life, Log, Outbox
from mebench.sealed.seal import Seal
from mebench.sealed.starting import module_path, start_server
from mebench.sealed.wire import LIMIT, Assembler, Frame

_TRIES = 3
_PATIENCE = 10.0
_LONGEST_WAIT = 86_400.0


def _closed_by(stack: ExitStack, end: socket.socket) -> socket.socket:
    return stack.enter_context(end)


class SealedProcess:
    """A process that sees what its seal allows, and does one piece of work.

    Args:
        work: ``module:function`` of trusted code, called as ``function(channel, assignment)`` after the seal.
        seal: what it may do.
        assignment: bytes for the work, whatever they mean; it trusts them.
        preload: modules that the start server is to have, so that no sealed process need import them: trusted ones.
        log_limit: bytes of what it prints that are kept.
        limit: bytes of arrays in one frame that are accepted from it.

    Raises:
        MebenchError: it cannot be started.
    """

    def __init__(
        self,
        work: str,
        seal: Seal,
        *,
        assignment: bytes,
        preload: Sequence[str] = (),
        log_limit: int = 10 << 20,
        limit: int = LIMIT,
    ) -> None:
        self.isolation = ""
        self._preload = tuple(preload)
        path = module_path()
        self._request = {
            "work": work,
            "seal": asdict(seal),
            "environment": kept_environment(network=seal.network),
            "path": path,
            "places": places_of(seal.readable, path),
        }
        self._log = Log(log_limit)
        self._assembler = Assembler(limit)
        self._outbox = Outbox()
        self._life: Life | None = None
        self._tries = 0
        self._over = self._closed = False
        self._channel: socket.socket | None = None
        self._server = start_server()
        # Last: were this process killed before it has asked, nobody would remove it.
        self.private = private_folder()
        self._request["private"] = str(self.private)
        try:
            self.send({}, {"assignment": np.frombuffer(assignment, np.uint8)})
            self._start()
        except BaseException:
            self.end()
            raise

    def _start(self) -> None:
        """Ask the start server for it; a server that has died meanwhile is replaced."""
        self._tries += 1
        with ExitStack() as ours, ExitStack() as theirs:
            try:
                channel, inner = map(_closed_by, (ours, theirs), socket.socketpair())
                life, supervisor = map(_closed_by, (ours, theirs), socket.socketpair())
                read, write = os.pipe()
                log = ours.enter_context(os.fdopen(read, "rb", buffering=0))
                theirs.enter_context(os.fdopen(write, "wb", buffering=0))
            except OSError as error:
                raise MebenchError(
                    f"a sealed process cannot be started: {error.strerror or error}"
                ) from error
            self._ask([inner.fileno(), write, supervisor.fileno()])
            ours.pop_all()
        channel.setblocking(False)
        os.set_blocking(read, False)
        self._channel, self._log.source, self._life = channel, log, Life(life)
        self._outbox.begin(channel)

    def _ask(self, descriptors: Sequence[int]) -> None:
        while True:
            self._server = start_server()
            try:
                self._server.ask(self._request, self._preload if self._tries < _TRIES else (), descriptors)
                return
            except OSError as error:
                words = self._server.last_words()
                self._server.kill()
                if self._tries >= _TRIES:
                    raise MebenchError(
                        f"the start server of sealed processes does not listen: {words}"
                    ) from error
                self._tries += 1

    @property
    def limit(self) -> int:
        """Bytes of arrays in one frame that are accepted from it."""
        return self._assembler.limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._assembler.limit = limit

    def selectable(self) -> list[int]:
        """Return the descriptors to wait on for something to read; none when all is over."""
        life = self._life.source if self._life is not None and not self._life.over else None
        sources = (self._channel, self._log.source, life)
        return [each.fileno() for each in sources if each]

    @property
    def wants_to_write(self) -> int | None:
        """The descriptor to wait on until it can be written to, None where nothing is to be sent."""
        return self._channel.fileno() if self._channel and self._outbox.waiting else None

    def pump(self) -> list[Frame]:
        """Return the frames that have arrived, never waiting for any.

        Raises:
            WireFault: what it sends is no frame, or too long; end it.
            MebenchError: it could not be started, or sealed.
        """
        if self._life is None or self._over:
            return []
        # First: what was sent before the end is there when the end is told.
        self._life.read()
        if self._life.failed:
            raise MebenchError(
                f"a sealed process could not be started: {self._life.failed}; use fewer --workers"
            )
        if self._life.over and not self._life.pids and self._retry():
            return []
        self._outbox.send()
        if self.isolation:
            self._outbox.keep_nothing()
        self._log.read()
        frames: list[Frame] = []
        dry = True
        if self._channel is not None:
            frames, more = self._assembler.read(self._channel)
            dry = not frames
            if not more:
                if self._assembler.halfway:
                    self._log.add(b"\n[a frame was begun and never ended]\n")
                self._close_channel()
        self._over = self._life.over and dry and self._log.dry
        return self._told(frames)

    def _told(self, frames: list[Frame]) -> list[Frame]:
        if frames and not self.isolation:
            first = frames.pop(0).message
            if "sealed" not in first:
                raise MebenchError(
                    f"a process could not be sealed: {first.get('unsealed', 'it does not say why')}"
                )
            self.isolation = str(first["sealed"])
        return frames

    def _retry(self) -> bool:
        """Start again where the start server died before it heard of this process; tell whether that was so."""
        if not self._server.gone:
            time.sleep(0.05)  # its end may be a moment away
        if not self._server.gone:
            return False
        words = self._server.last_words()
        if self._tries >= _TRIES:
            raise MebenchError(f"the start server of sealed processes ends by itself: {words}")
        self._close_channel()
        self._log.close()
        self._start()
        return True

    def send(self, message: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> None:
        """Send a frame, its arrays through a descriptor. A process that is gone is no error; nothing waits.

        Raises:
            MebenchError: there is no memory for the arrays, or they are no plain numbers.
        """
        if self._life is None or self._channel is not None:
            self._outbox.add(message, arrays or {})
            self._outbox.send()

    @property
    def pids(self) -> list[int]:
        """The supervisor's and the sealed process's numbers; none before it has started."""
        return self._life.pids if self._life is not None else []

    def take_log(self) -> bytes:
        """Return what it printed since this was last asked, up to the limit."""
        return self._log.take()

    @property
    def ended(self) -> int | None:
        """How it ended, when all that it said has been pumped: its exit status; what killed it, negative."""
        if not self._over or self._life is None:
            return None
        return -signal.SIGKILL if self._life.status is None else self._life.status

    def end(self) -> None:
        """Kill it and all that it started, and remove its private folder; harmless when it has ended."""
        if self._closed:
            return
        self._closed = True
        if self._life is not None:
            self._life.stop(_PATIENCE)
        self._close_channel()
        self._log.close()
        self._outbox.close()
        self._over = True
        remove_folder(self.private)
        if self._life is not None:
            self._life.close()

    def _close_channel(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def __enter__(self) -> SealedProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def __del__(self) -> None:
        with suppress(Exception):
            self.end()


def wait_any(processes: Sequence[SealedProcess], timeout: float | None) -> list[SealedProcess]:
    """Return the processes that have something to pump, as soon as one has, or none after ``timeout`` seconds.

    Of a timeout of days it may be none sooner: the system counts milliseconds, and not far.
    """
    poll = select.poll()
    whose: dict[int, SealedProcess] = {}
    over = []
    for process in processes:
        descriptors = process.selectable()
        if not descriptors:
            over.append(process)
        for each in descriptors:
            poll.register(each, select.POLLIN)
            whose[each] = process
        if (writes := process.wants_to_write) is not None:
            poll.register(writes, select.POLLIN | select.POLLOUT)
    if not whose:
        return over
    ready = poll.poll(0 if over else None if timeout is None else 1000 * min(max(0, timeout), _LONGEST_WAIT))
    return list(dict.fromkeys([*over, *(whose[each] for each, _ in ready)]))

"""Lock files: who holds what, among the processes of one machine and of several that share a folder.

    with locked(folder / "x.lock", "the features of casme3"):
        ...                                  # others wait here, and say for what and for whom

A lock is a file that exactly one process can make; in it stands who made it. While it is held, its time is
renewed every :data:`BEAT_SECONDS`. Who finds one asks whether its holder lives: on the same machine by its
process number and the moment it was started, elsewhere by the file's time, which must not be older than
:data:`STALE_SECONDS` by the clock of the file server itself. A dead holder's lock is taken over, and of
several that try exactly one gets it. Locks of the operating system are not used: on shared folders they may
outlive their holder or hold nobody back, and they do not tell who has them.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from mebench.errors import MebenchError, WaitingNotice
from mebench.files import disk_errors
from mebench.regular_files import open_regular
from mebench.strict_json import parse_json

BEAT_SECONDS = 20.0
STALE_SECONDS = 180.0

# A wait that lasts this long is said, and then said again this often.
PATIENCE_SECONDS = 2.0
REPEAT_SECONDS = 60.0

# Of a longer lock file no more is read: none of ours has a tenth of it.
_LONGEST = 1 << 16


@dataclass(frozen=True)
class Holder:
    """Who holds a lock; ``started`` is in seconds since the machine was, ``since`` is local time."""

    host: str
    machine: str
    pid: int
    started: float
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


class LockFile:
    """One lock; whoever gets :meth:`take` answered True holds it until :meth:`release`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Take the lock if it is free or its holder is dead; False if another has it.

        Raises:
            MebenchError: the disk refuses.
        """
        return self._make() or (self._forget_the_dead() and self._make())

    def release(self) -> None:
        """Let go of the lock. Where it was taken over meanwhile, the new holder keeps it."""
        if self._file is None:
            return
        file, self._file = self._file, None
        _HEART.drop(file)
        mine = False
        with contextlib.suppress(OSError):
            mine = os.path.samestat(os.fstat(file), self.path.stat())
        with contextlib.suppress(OSError):
            os.close(file)
        if mine:
            with contextlib.suppress(OSError):
                self.path.unlink()

    def holds(self) -> bool:
        """Return whether the lock was taken here and not let go of."""
        return self._file is not None

    def is_held(self) -> bool:
        """Return whether somebody who lives has the lock."""
        return bool(self._lives())

    def holder(self) -> Holder | None:
        """Return who holds the lock; None where nobody does or its file does not tell."""
        with contextlib.suppress(OSError):
            return _holder_in(self._look()[0])
        return None

    def _make(self) -> bool:
        with disk_errors(self.path, "free some space or choose another folder"):
            try:
                file = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
            except FileExistsError:
                return False
            try:
                os.write(file, json.dumps(asdict(_this_process()), ensure_ascii=False).encode())
                os.fsync(file)  # other machines see what is on the server
            except BaseException:
                os.close(file)
                self.path.unlink(missing_ok=True)
                raise
        self._file = file
        _HEART.add(file)
        return True

    def _forget_the_dead(self) -> bool:
        """Remove the lock if its holder is dead, which only who holds the guard beside it may; say if it is free."""
        if (lives := self._lives()) is not False:
            return lives is None
        guard = LockFile(self.path.with_name(f"{self.path.name}.takeover"))
        if not guard.take():
            return False
        try:
            # Meanwhile another may have taken it over, or let go of it and a third made it.
            if (lives := self._lives()) is False:
                self.path.unlink(missing_ok=True)
            return not lives
        finally:
            guard.release()

    def _lives(self) -> bool | None:
        """Return whether the lock's holder lives; None where there is no lock."""
        try:
            content, renewed = self._look()
        except FileNotFoundError:
            return None
        except OSError:
            return True
        holder = _holder_in(content)
        if holder is not None and (holder.host, holder.machine) == _machine():
            lives = _runs(holder)
            if lives is not None:
                return lives
        return _server_time(self.path.parent) - renewed < STALE_SECONDS

    def _look(self) -> tuple[bytes, float]:
        """Return what stands in the file, and when its time was renewed last.

        Raises:
            OSError: it cannot be read.
            MebenchError: a pipe or a device lies in its place, which no lock could ever be taken from.
        """
        # Opening, not asking for its state alone, makes a shared folder's client look at the server.
        with open_regular(self.path) as file:
            return file.read(_LONGEST), os.fstat(file.fileno()).st_mtime


class LockHeldError(MebenchError):
    """Another process holds a lock that was not to be waited for."""


@contextlib.contextmanager
def locked(path: Path, what: str, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock; its folder is made where it is missing. ``what`` says in messages what is waited for.

    Raises:
        LockHeldError: another holds it and ``wait`` is False.
        MebenchError: the disk refuses.
    """
    with disk_errors(path, "free some space or choose another folder"):
        path.parent.mkdir(parents=True, exist_ok=True)
    lock, patience, pause = LockFile(path), Patience(), 0.02
    while not lock.take():
        holder = lock.holder()
        if not wait:
            raise LockHeldError(f"{what}: {_held(holder)}; wait until it has ended")
        patience.say(f"{what} ({_held(holder)}; {path})")
        time.sleep(pause)
        pause = min(1.0, 1.5 * pause)
    try:
        yield
    finally:
        lock.release()


class Patience:
    """Says what is waited for: when it begins to be long, and now and then after that."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._clock = datetime.now()
        self._next = PATIENCE_SECONDS

    def say(self, what: str) -> None:
        """Say it, if it is time to."""
        waited = time.monotonic() - self._began
        if waited < self._next:
            return
        self._next = waited + REPEAT_SECONDS
        message = f"waiting since {self._clock:%H:%M:%S} ({waited:.0f} s) for {what}; Ctrl-C stops waiting"
        warnings.warn(message, WaitingNotice, stacklevel=3)


def _held(holder: Holder | None) -> str:
    return f"{holder} has it since {holder.since}" if holder else "another process has it"


class _Heart:
    """The thread that renews the time of all locks this process holds, while it holds any."""

    def __init__(self) -> None:
        self._files: set[int] = set()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, file: int) -> None:
        with self._guard:
            self._files.add(file)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beat, name="mebench locks", daemon=True)
                self._thread.start()

    def drop(self, file: int) -> None:
        with self._guard:
            self._files.discard(file)

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            with self._guard:
                for file in self._files:
                    # By its open file: a lock that was taken over is another file of the same name.
                    with contextlib.suppress(OSError):
                        os.utime(file)


_HEART = _Heart()


def _this_process() -> Holder:
    host, machine = _machine()
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return Holder(host, machine, os.getpid(), _started(os.getpid()), now)


@lru_cache(maxsize=1)
def _machine() -> tuple[str, str]:
    """Return the host's name, and what tells apart machines of one name, starts of one, and containers."""
    parts = []
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return socket.gethostname(), " ".join(parts)


def _started(pid: int) -> float:
    """Return when a process of this machine was started, in seconds since the machine was."""
    import psutil

    return round(psutil.Process(pid).create_time() - psutil.boot_time(), 2)


def _holder_in(content: bytes) -> Holder | None:
    """Return the holder that a lock's file names; None where it does not tell."""
    try:
        told = parse_json(content.decode())
        kinds = {"host": str, "machine": str, "pid": int, "started": float, "since": str}
        if not all(type(told[name]) is kind for name, kind in kinds.items()) or not 0 < told["pid"] < 2**31:
            return None
        return Holder(**{name: told[name] for name in kinds})
    except (ValueError, TypeError, KeyError):
        return None


def _runs(holder: Holder) -> bool | None:
    """Return whether a process of this machine runs and is the one meant; None where that cannot be seen."""
    import psutil

    try:
        if psutil.Process(holder.pid).status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(_started(holder.pid) - holder.started) < 2  # a number may have gone to another process
    except psutil.Error:
        # Some machines hide the processes of other users.
        return None if psutil.pid_exists(holder.pid) else False


# Folder -> the file server's time when it was last asked, and ours then.
_CLOCKS: dict[Path, tuple[float, float]] = {}


def _server_time(folder: Path) -> float:
    """Return the time by the clock that files in a folder get theirs from, which need not be this machine's."""
    asked, then = _CLOCKS.get(folder, (0.0, -1e9))
    if time.monotonic() - then > BEAT_SECONDS:
        probe = folder / f".clock-{secrets.token_hex(8)}"
        file = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
        try:
            os.utime(file)
            asked, then = os.fstat(file).st_mtime, time.monotonic()
        finally:
            os.close(file)
            probe.unlink(missing_ok=True)
        _CLOCKS[folder] = asked, then
    return asked + time.monotonic() - then

"""Cheats that reach other processes: their arguments, environment and memory, and memory that folds share."""

from __future__ import annotations

import ctypes
import multiprocessing.shared_memory
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cheats.honest import Cheat, first_of
from mebench.api import TestSet, TrainSet

learnt_before: list[int] = []  # what a module keeps lasts as long as its process


def others() -> Iterator[int]:
    """Yield the numbers of the processes that can be seen and are not this one."""
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != os.getpid():
            yield int(name)


class CommandLine(Cheat):
    """The arguments of the main process, which name the data."""

    def look(self, test: TestSet) -> Any:
        pids = dict.fromkeys([self.places["main"], os.getppid(), *others()])
        return [
            line
            for pid in pids
            if (line := first_of([lambda p=pid: Path(f"/proc/{p}/cmdline").read_bytes()]))
            and b"--data" in line
        ]


class Environment(Cheat):
    """The environment of the main process and of whatever started this one."""

    def look(self, test: TestSet) -> Any:
        pids = dict.fromkeys([self.places["main"], os.getppid(), os.getpid(), *others()])
        return [
            pid
            for pid in pids
            if b"MEBENCH_DATA" in (first_of([lambda p=pid: Path(f"/proc/{p}/environ").read_bytes()]) or b"")
        ]


class Memory(Cheat):
    """The memory of the main process, which holds the labels."""

    def look(self, test: TestSet) -> Any:
        main = self.places["main"]
        return first_of(
            [
                lambda: _read_memory(main),
                lambda: os.listdir(f"/proc/{main}/map_files"),
                lambda: os.listdir(f"/proc/{main}/fd") and os.open(f"/proc/{main}/fd/0", os.O_RDONLY),
                lambda: os.listdir(f"/proc/{main}/cwd/"),
                lambda: _attach(main),
            ]
        )


def _read_memory(pid: int) -> bytes:
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        start = next(int(line.split("-")[0], 16) for line in maps if line.split()[1].startswith("rw"))
        memory.seek(start)
        return memory.read(64)


def _attach(pid: int) -> str:
    attach, detach = 16, 17
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    if trace(attach, pid, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, 0)
    trace(detach, pid, None, None)
    return "attached"


class Signals(Cheat):
    """A signal to the main process: whoever can stop it can time it, and end it."""

    def look(self, test: TestSet) -> Any:
        os.kill(self.places["main"], 0)
        return "it can be signalled"


class ModuleMemory(Cheat):
    """What a variable of a module keeps from one fold to the next."""

    def before(self, train: TrainSet) -> Any:
        known = list(learnt_before)
        learnt_before.append(os.getpid())
        return known


class SharedMemory(Cheat):
    """Memory that the system shares: POSIX, System V, a socket without a file."""

    def before(self, train: TrainSet) -> Any:
        return first_of([_posix, _system_v, _abstract])


def _posix() -> Any:
    try:
        return multiprocessing.shared_memory.SharedMemory("zoo-memory", track=False).name  # type: ignore[call-arg]
    except FileNotFoundError:
        multiprocessing.shared_memory.SharedMemory("zoo-memory", create=True, size=16, track=False)  # type: ignore[call-arg]
        return None
    except TypeError:  # before Python 3.13 it cannot be left untracked
        os.close(os.open("/dev/shm/zoo-memory", os.O_CREAT | os.O_EXCL | os.O_RDWR))
        return None


def _system_v() -> Any:
    create, exclusive = 0o1000, 0o2000
    get = ctypes.CDLL(None, use_errno=True).shmget
    if get(0x2007, 4096, 0o600) >= 0:
        return "System V memory of an earlier fold"
    get(0x2007, 4096, create | exclusive | 0o600)
    return None


def _abstract() -> Any:
    with socket.socket(socket.AF_UNIX) as asked:
        if asked.connect_ex("\0zoo-memory") == 0:
            return "a process of an earlier fold answers"
    _leave_behind()
    return None


def _leave_behind() -> None:
    """Leave a process behind that answers on a socket without a file, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.alarm(60)
            heard = socket.socket(socket.AF_UNIX)
            heard.bind("\0zoo-memory")
            heard.listen()
            while True:
                heard.accept()[0].close()
        os._exit(0)
    time.sleep(0.05)


class Network(Cheat):
    """A server that knows the labels, on this machine or elsewhere."""

    def look(self, test: TestSet) -> Any:
        def tcp() -> bytes:
            with socket.create_connection(("127.0.0.1", self.places["port"]), timeout=2) as asked:
                return asked.recv(6)

        def udp() -> bytes:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
                asked.settimeout(1)
                asked.sendto(b"labels?", ("127.0.0.1", self.places["udp"]))
                return asked.recv(6)

        def local(name: str) -> bytes:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.settimeout(2)
                asked.connect(name)
                return asked.recv(6)

        return first_of(
            [tcp, udp, lambda: local("\0" + self.places["socket"]), lambda: local(self.places["path"])]
        )

"""Doing the same thing to many items on every core, with progress, in order.

for result in map_processes(draw, jobs, workers=2): ...
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TypeVar

from mebench.errors import MebenchError

# The longest path of a socket, and what Python puts behind the temporary folder: /pymp-12345678/listener-12345678.
_SOCKET_PATH = 103 if sys.platform == "darwin" else 107
_SOCKET_NAME = 32

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_context() -> multiprocessing.context.BaseContext:
    """Return how processes are started: never by copying this one, whose memory holds labels.

    Raises:
        MebenchError: the temporary folder's path leaves no room for the name of a socket.
    """
    # Whatever the user's variable says: the order of a set of strings must not differ between two runs.
    os.environ["PYTHONHASHSEED"] = "0"
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    # Later versions of Python turn to a shorter folder by themselves.
    if method == "forkserver" and not hasattr(multiprocessing.util, "_get_base_temp_dir"):
        folder = tempfile.gettempdir()
        if (longer := len(os.fsencode(folder)) + _SOCKET_NAME - _SOCKET_PATH) > 0:
            raise MebenchError(
                f"the temporary folder {folder} has a path that is {longer} bytes too long for the socket through "
                "which workers are started: set TMPDIR to a shorter one, such as /tmp"
            )
    return multiprocessing.get_context(method)


@contextmanager
def starting_processes() -> Iterator[None]:
    """Start processes that neither Ctrl-C nor the user's own script reaches."""
    with _interrupts_held_back(), _script_left_alone():
        yield


@contextmanager
def _script_left_alone() -> Iterator[None]:
    """Hide the file of ``__main__`` while a process starts, which would run it a second time.

    No worker needs anything of it, so a script may call mebench without ``if __name__ == "__main__"``, and it
    may come from a notebook or from standard input, where there is no file to run.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, object] = {
        name: main.__dict__[name] for name in ("__file__", "__spec__") if name in main.__dict__
    }
    main.__dict__.pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        main.__dict__.update(hidden)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts: a terminal sends it there too, where it must end nothing.

    The new processes inherit that it is blocked; here it is obeyed as soon as they run.
    """
    resource_tracker.ensure_running()  # starting it would lift the block again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def map_processes(work: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """Yield ``work(item)`` in order, worked out in processes (for work that holds Python's lock).

    Raises:
        MebenchError: one of the processes was killed, or none can be started.
    """
    try:
        with ProcessPoolExecutor(workers, mp_context=process_context()) as pool:
            with starting_processes():
                # The pool starts a process with each of its first jobs.
                for started in [pool.submit(int) for _ in range(workers)]:
                    started.result()
            yield from _in_order(pool, work, items)
    except BrokenProcessPool as error:
        raise MebenchError(
            f"one of {workers} processes that work at this was killed (often: out of memory): free some memory, "
            "then run the same command again; what was written before stays"
        ) from error


def map_threads(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    stop: Callable[[], object] = lambda: None,
) -> Iterator[Result]:
    """Yield ``work(item)`` in order, worked out in threads (for decoding, which lets go of the lock).

    ``stop`` is called when nothing more is wanted, however that came, before threads that still work are waited for.
    """
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from _in_order(pool, work, items)
        finally:
            stop()


def _in_order(pool: Executor, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    # A bounded window: results wait in memory only as long as an earlier one is missing.
    pending = []
    try:
        for item in items:
            pending.append(pool.submit(work, item))
            if len(pending) >= 4 * cores():
                yield pending.pop(0).result()
        while pending:
            yield pending.pop(0).result()
    finally:
        for future in pending:
            future.cancel()

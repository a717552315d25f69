"""The start server: a process that has imported the libraries and forks sealed processes, each under a supervisor.

It is not multiprocessing's, whose server inherits the user's environment and whose workers learn from it where the
main process keeps what. This one is told of no dataset, run or label, so a fork of it remembers none.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mebench.sealed.folder import remove_folder
from mebench.sealed.inner import begin
from mebench.sealed.supervisor import become_subreaper, close_all_but, kill_below, supervise
from mebench.torchvision_shim import watch_torchvision

LENGTH = 8
# How long a supervisor that was killed just before the main process ended may take to be gone, in seconds.
_LAST = 0.2
# What a request brings: the sealed process's channel, its log, and the supervisor's line to the main process.
DESCRIPTORS = 3


def serve(requests: socket.socket) -> None:
    """Serve requests until the main process is gone. Children go on: their supervisors have lines of their own."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    sys.argv[:] = ["mebench"]
    become_subreaper()
    watch_torchvision()
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    supervisors: dict[int, str] = {}
    orphaned: list[str] = []
    while True:
        ready, _, _ = select.select([requests.fileno(), awake], [], [])
        if awake in ready:
            with suppress(BlockingIOError):
                os.read(awake, 512)
            orphaned += _reap(supervisors)
        if requests.fileno() in ready:
            if (request := _next(requests)) is None:
                break
            _load(request[0]["preload"])
            _start(*request, supervisors)
    # A killed process lets go of its line before its parent hears of its end.
    until = time.monotonic() + _LAST
    while supervisors and time.monotonic() < until:
        orphaned += _reap(supervisors)
        time.sleep(0.01)
    for folder in orphaned:
        remove_folder(Path(folder))


def _next(requests: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next request with its descriptors, None at the end."""
    head, descriptors, _, _ = socket.recv_fds(requests, LENGTH, DESCRIPTORS)
    head += receive(requests, LENGTH - len(head)) if head else b""
    if len(head) < LENGTH:
        return None
    text = receive(requests, int.from_bytes(head, "little"))
    return json.loads(text), list(descriptors)


def receive(source: socket.socket, size: int) -> bytes:
    """Return so many bytes, fewer where the other end is gone."""
    parts = []
    while size and (part := source.recv(min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _load(modules: Iterable[str]) -> None:
    for name in modules:
        if name not in sys.modules:
            # What cannot be imported is told where it is needed, with the reason.
            with suppress(Exception):
                importlib.import_module(name)


def _start(request: dict[str, Any], descriptors: list[int], supervisors: dict[int, str]) -> None:
    connection, log, life = descriptors
    gc.collect()
    gc.freeze()  # so that a child's first collection does not copy all of this memory
    try:
        pid = os.fork()
    except OSError as error:
        words = json.dumps({"failed": f"no process can be started: {error.strerror}"})
        with suppress(OSError):
            os.write(life, words.encode() + b"\n")
        pid = -1
    if pid:
        if pid > 0:
            supervisors[pid] = request["private"]
        for each in descriptors:
            os.close(each)
        return
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        close_all_but({0, 1, 2, *descriptors})
        supervise(socket.socket(fileno=life), request["private"], lambda: begin(request, connection, log))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _reap(supervisors: dict[int, str]) -> list[str]:
    """Take note of ended supervisors; where one was killed, kill what it watched over and now comes to us.

    The folders of those that were killed are returned: only the main process will remove them now.
    """
    killed = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if not pid:
            break
        folder = supervisors.pop(pid, None)
        if folder is not None and status != 0:
            killed.append(folder)
    if killed:
        kill_below(os.getpid(), spare=frozenset(supervisors))
    return killed

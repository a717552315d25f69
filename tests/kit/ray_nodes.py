"""Nodes of a Ray cluster as processes of this machine, which a test may kill as a whole."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

# As a cluster that asks for a token, whatever this user's clusters do; who runs folds there has to show it.
TOKEN = {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
_NODE = {**TOKEN, "RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}


class Node:
    """A node: its raylet, what serves it, and the folds that it runs."""

    def __init__(self, *arguments: str, before: Sequence[str] = ()) -> None:
        light = ("--object-store-memory=100000000", "--disable-usage-stats", "--block")
        command = [*before, sys.executable, "-m", "ray.scripts.scripts", "start", *arguments, *light]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **_NODE},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def family(self) -> list[psutil.Process]:
        """Return its processes."""
        try:
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def runs_a_fold(self) -> bool:
        """Whether a fold's own process is there: it is locked, and so asks for no name of ours."""
        for each in self.family():
            with suppress(psutil.Error):
                if "ray::mebench fold" in " ".join(each.cmdline()):
                    return bool(each.children())
        return False

    def kill(self) -> None:
        """End all of it at once, as a machine ends that loses its power."""
        for each in reversed(self.family()):
            with suppress(psutil.Error):
                each.send_signal(signal.SIGSTOP)
        for each in reversed(self.family()):
            with suppress(psutil.Error):
                each.kill()
        self.process.wait(10)


class Cluster:
    """A head, and whatever nodes are added."""

    def __init__(self, folder: Path, *, cpus: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.nodes: list[Node] = []
        self.head = self._add(
            "--head",
            f"--port={port}",
            "--include-dashboard=false",
            f"--temp-dir={folder}",
            f"--num-cpus={cpus}",
        )
        self._await(port)

    def add(self, *, cpus: int, gpus: int = 0, before: Sequence[str] = ()) -> Node:
        """Add a node; ``before`` stands before its command."""
        there = f"--address={self.address}"
        return self._add(there, f"--num-cpus={cpus}", f"--num-gpus={gpus}", before=before)

    def _add(self, *arguments: str, before: Sequence[str] = ()) -> Node:
        self.nodes.append(Node(*arguments, before=before))
        return self.nodes[-1]

    def await_alive(self, nodes: int) -> None:
        """Wait until there are so many nodes; one process asks again and again, for Ray takes seconds to import."""
        code = (
            "import ray, sys, time\n"
            "ray.init(address='auto', logging_level=40)\n"
            "while sum(node['Alive'] for node in ray.nodes()) != int(sys.argv[1]):\n"
            "    time.sleep(0.1)\n"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(nodes)],
            env={**os.environ, **_NODE, "RAY_ADDRESS": self.address},
            capture_output=True,
            timeout=120,
            check=True,
        )

    def _await(self, port: int) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.1)
        raise TimeoutError("the head of the cluster does not come up")


@contextmanager
def cluster(*, cpus: int) -> Iterator[Cluster]:
    """Yield a cluster whose head has so many cores; nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="mb-ray-", dir="/tmp"))  # names of sockets must be short
    made = Cluster(folder, cpus=cpus)
    try:
        yield made
    finally:
        for node in made.nodes:
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)

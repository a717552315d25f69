"""The process that holds the connection to Ray, which ends with it: Ray ends its drivers where it loses its head.

drive(pipe, settings)        # in a process of its own, until the pipe is closed
"""

from __future__ import annotations

import logging
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mebench.api import Failure
from mebench.errors import MebenchError, reason_of
from mebench.features.rows import CheckedRows
from mebench_ray.messages import Absent, Ended, Files, Fold, Lost, Places, Told
from mebench_ray.node import work
from mebench_ray.settings import RaySettings

# A head that does not answer for this long is lost.
PATIENCE = 10.0
_PAUSE = 0.2
_COUNT_SECONDS = 2.0


@dataclass
class _Running:
    fold: Fold
    answers: Any  # an ObjectRefGenerator
    tries: int = 1


@dataclass
class _Driver:
    pipe: Connection
    settings: RaySettings
    running: dict[int, _Running] = field(default_factory=dict)
    waiting_for: dict[int, tuple[Fold, int]] = field(
        default_factory=dict
    )  # arrays of files that nodes do not see
    arrays: dict[Path, Any] = field(default_factory=dict)
    places: Places | None = None
    counted: float = -1e9
    shape: tuple[float, float] = (1.0, 0.0)

    def take(self, message: Any) -> None:
        import ray

        if isinstance(message, Fold):
            self.shape = (message.cpus, message.gpus)
            self.submit(message)
            return
        assert isinstance(message, Files)
        for path, hashes in message.hashes.items():
            if path not in self.arrays:
                self.arrays[path] = ray.put(CheckedRows(path, hashes).whole())
        for number, (fold, tries) in list(self.waiting_for.items()):
            del self.waiting_for[number]
            self.submit(fold, tries)

    def submit(self, fold: Fold, tries: int = 1) -> None:
        import ray

        # A process for each fold, and no tries of Ray's own: it would not tell that a fold began again.
        task = ray.remote(max_calls=1, max_retries=0)(work).options(
            num_returns="streaming", num_cpus=fold.cpus, num_gpus=fold.gpus, name="mebench fold"
        )
        self.running[fold.number] = _Running(fold, task.remote(fold.sent, dict(self.arrays)), tries)

    def look(self) -> None:
        """Tell of what came from the nodes since it was last looked, or in a moment."""
        import ray

        of = {each.answers: number for number, each in self.running.items()}
        ready, _ = ray.wait(list(of), num_returns=len(of), timeout=_PAUSE, fetch_local=False)
        for answers in ready:
            self.hear(of[answers])

    def hear(self, number: int) -> None:
        import ray
        from ray.exceptions import RayError, RayTaskError

        running = self.running[number]
        try:
            kind, said = ray.get(next(running.answers))
        except StopIteration:
            self.lost(number, "its process ended without an answer")
        except RayTaskError as error:
            self.end(number, Failure(f"Ray could not run it: {reason_of(error.cause or error)}", str(error)))
        except RayError as error:
            self.lost(number, type(error).__name__)
        else:
            if kind == "ended":
                self.end(number, *said)
            elif kind == "absent":
                del self.running[number]
                self.waiting_for[number] = (running.fold, running.tries)
                self.pipe.send(Absent(number, said))
            elif kind == "began":
                self.pipe.send(Told(number, None, said))
            else:
                self.pipe.send(Told(number, said, ""))

    def end(self, number: int, outcome: Any, log: bytes = b"") -> None:
        del self.running[number]
        self.pipe.send(Ended(number, outcome, log))

    def lost(self, number: int, why: str) -> None:
        """Try a fold again whose process or node is gone; where the head is gone, nothing is any fold's fault."""
        running = self.running[number]
        if not _answers(self.head):
            time.sleep(PATIENCE)  # by then it is known
        if running.tries > self.settings.retries:
            tries = f"{running.tries} times" if running.tries > 1 else "once"
            self.end(
                number,
                Failure(
                    f"the node or the process that it ran on was lost {tries} ({why}), perhaps for want of memory: "
                    "give each fold more cores (cpus=) so that fewer share a node, or try more often (retries=)"
                ),
            )
        else:
            self.submit(running.fold, running.tries + 1)

    def count(self) -> None:
        """Tell how many folds the cluster takes, where that changed."""
        import ray

        if time.monotonic() - self.counted < _COUNT_SECONDS:
            return
        self.counted = time.monotonic()
        cpus, gpus = self.shape
        nodes = [each["Resources"] for each in ray.nodes() if each["Alive"]]
        count = sum(_fit(node.get("CPU", 0), cpus, node.get("GPU", 0), gpus) for node in nodes)
        has = " and ".join(
            f"{sum(node.get(kind, 0) for node in nodes):g} {kind}(s)" for kind in ("CPU", "GPU")
        )
        places = Places(count, f"{len(nodes)} node(s) with {has}", cpus, gpus)
        if places != self.places:
            self.places = places
            self.pipe.send(places)

    @property
    def head(self) -> str:
        import ray

        return str(ray.get_runtime_context().gcs_address)


def drive(pipe: Connection, settings: RaySettings, cpus: float, gpus: float) -> None:
    """Run folds that come over a pipe on the cluster, and tell of them, until it is closed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    _use_token()
    _silence()
    try:
        _connect(settings.address)
    except Exception as error:
        reason = str(error) if isinstance(error, MebenchError) else reason_of(error)
        pipe.send(Lost(f"no Ray cluster can be reached: {reason}"))
        return
    import ray

    driver = _Driver(pipe, settings, shape=(cpus, gpus))
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, messages), daemon=True).start()
    threading.Thread(target=_watch, args=(driver.head, pipe), daemon=True).start()
    try:
        while True:
            driver.count()
            for message in _said(messages, wait=not driver.running):
                if message is None:
                    return
                driver.take(message)
            if driver.running:
                driver.look()
    except MebenchError as error:
        pipe.send(Lost(str(error)))
    except (BrokenPipeError, EOFError):
        pass  # the main process has ended
    except Exception as error:
        pipe.send(Lost(f"the Ray cluster is lost: {reason_of(error)}"))
    finally:
        ray.shutdown()  # with the driver all its folds end


def _connect(address: str) -> None:
    """Connect to the cluster that is meant; where none is, start one of this machine alone.

    Raises:
        MebenchError: a cluster was named, and nothing answers there.
    """
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    named = address or os.environ.get("RAY_ADDRESS", "")
    found = named or _last_started()
    if named not in ("", "auto", "local") and "://" not in named and not _answers(named):
        raise MebenchError(f"nothing answers at {named}")
    if found == "local" or not (named or _answers(found)):
        ray.init(address="local", include_dashboard=False, **quiet)
    else:
        ray.init(address=found, **quiet)


def _last_started() -> str:
    """Return where the head is that was started last on this machine; it may be gone."""
    try:
        return Path(os.environ.get("RAY_TMPDIR") or "/tmp", "ray", "ray_current_cluster").read_text().strip()
    except OSError:
        return ""


def _use_token() -> None:
    """Let Ray show the user's token where there is one: a cluster that was started with it asks for it."""
    given = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    if given or Path("~/.ray/auth_token").expanduser().exists():
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def _silence() -> None:
    """Let nothing that Ray prints into the user's terminal: what matters of it is told."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)


def _said(messages: queue.SimpleQueue[Any], *, wait: bool) -> list[Any]:
    found = []
    try:
        found.append(messages.get(timeout=_PAUSE) if wait else messages.get_nowait())
        while True:
            found.append(messages.get_nowait())
    except queue.Empty:
        return found


def _listen(pipe: Connection, messages: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            messages.put(pipe.recv())
    except (EOFError, OSError):
        messages.put(None)


def _watch(head: str, pipe: Connection) -> None:
    """End this process where the head answers no more: Ray itself would wait for minutes, or end without a word."""
    answered = time.monotonic()
    while True:
        time.sleep(1)
        if _answers(head):
            answered = time.monotonic()
        elif time.monotonic() - answered > PATIENCE:
            pipe.send(Lost(f"the head of the Ray cluster, {head}, answers no more"))
            os._exit(1)


def _answers(head: str) -> bool:
    host, _, port = head.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False


def _fit(cpus: float, of_fold: float, gpus: float, gpu_of_fold: float) -> int:
    """Return how many folds a node takes at a time."""
    places = int(cpus / of_fold + 1e-9)
    if not gpu_of_fold:
        return places
    # A share of a GPU lies on one GPU, and several are whole ones.
    each = int(1 / gpu_of_fold + 1e-9) * int(gpus) if gpu_of_fold < 1 else int(gpus // gpu_of_fold)
    return min(places, each)

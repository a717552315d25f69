"""The executor ``ray``: folds as tasks of a Ray cluster, each in a fresh process.

    mebench run famnet casme3 --executor ray
    mebench run famnet casme3 --device cuda --executor 'ray[address=head:6379,gpus=0.25]'

The main process never imports ray: a process of its own holds the connection (:mod:`mebench_ray.driver`), so that
whatever becomes of the cluster is one sentence here.
"""

from __future__ import annotations

import multiprocessing
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count

from mebench.api import Event, Executor, Failure, Job
from mebench.errors import MebenchError, MebenchNotice
from mebench.parallel import starting_processes
from mebench.runner.elsewhere import hashes_of, send
from mebench.runner.executor import ASK_SECONDS, WaitingJobs
from mebench_ray.driver import drive
from mebench_ray.messages import Absent, Ended, Files, Fold, Lost, Places, Told
from mebench_ray.settings import RaySettings

_STAY = "folds that were recorded stay, and the same command goes on once the cluster is there"
_PATIENCE = 10.0


class RayExecutor(Executor):
    """Folds as tasks of a Ray cluster, as many at a time as it has cores and GPUs for, or --workers.

    A fold whose node dies is tried again on another. Where nodes do not see the cache of features, the arrays travel
    through Ray's object store.
    """

    Settings = RaySettings
    settings: RaySettings
    elsewhere = True

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield what happens on the cluster."""
        waiting = WaitingJobs(jobs)
        folds = _Folds(self.settings, waiting, workers)
        try:
            while waiting.more or folds.running:
                yield from folds.begin()
                yield from folds.hear()
        finally:
            folds.close()


class _Folds:
    """The folds on the cluster, and where the next ones come from."""

    def __init__(self, settings: RaySettings, waiting: WaitingJobs, workers: int) -> None:
        self.running: dict[int, Job] = {}
        self._settings, self._waiting, self._workers = settings, waiting, workers
        self._connection: _Connection | None = None
        self._room = 1  # until the cluster has said how much it has
        self._told = False
        self._numbers = count()

    def begin(self) -> Iterator[Event]:
        """Send folds as long as there are places and jobs."""
        while self._waiting.more and len(self.running) < (self._workers or self._room):
            if (job := self._waiting.take()) is None:
                if self._waiting.more and not self.running:
                    time.sleep(ASK_SECONDS)
                return
            try:
                self._send(job)
            except MebenchError as error:
                if self._connection is None:
                    raise
                yield Event(job.task)
                yield Event(job.task, Failure(str(error)))

    def _send(self, job: Job) -> None:
        settings = self._settings
        gpus = settings.gpus if settings.gpus is not None else float(job.device == "cuda")
        cpus = settings.cpus or float(job.threads)
        if self._connection is None:
            self._connection = _Connection(settings, cpus, gpus)
        number = next(self._numbers)
        self._connection.say(Fold(number, send(job), cpus, gpus))
        self.running[number] = job

    def hear(self) -> Iterator[Event]:
        """Wait until the cluster has something to tell, or it is time to ask for jobs again."""
        if self._connection is None or not self.running:
            return
        for said in self._connection.heard(ASK_SECONDS):
            if isinstance(said, Places):
                self._count(said)
            elif isinstance(said, Absent):
                hashes = hashes_of(self.running[said.number])
                self._connection.say(Files({path: hashes[path] for path in said.paths}))
            elif isinstance(said, Told):
                yield Event(self.running[said.number].task, said.progress)
            elif isinstance(said, Ended):
                job = self.running.pop(said.number)
                _keep_log(job, said.log)
                yield Event(job.task, said.outcome)

    def _count(self, places: Places) -> None:
        self._room = max(1, places.count)
        if not self._told and not places.count:
            self._refuse_room(places)
        if not self._told:
            self._told = True
            warnings.warn(f"Ray: {places}", MebenchNotice, stacklevel=2)

    def _refuse_room(self, places: Places) -> None:
        """Raise where no node has room for a fold, unless the user says that some will have, as of nodes on demand."""
        problem = f"no node of the Ray cluster has room for a fold ({places})"
        if not self._workers:
            raise MebenchError(
                f"{problem}: ask for less with --executor 'ray[cpus=...,gpus=...]', or give --workers where it starts "
                "nodes on demand"
            )

    def close(self) -> None:
        """End all folds."""
        if self._connection is not None:
            self._connection.close()


class _Connection:
    """The process that holds the connection to Ray (:mod:`mebench_ray.driver`)."""

    def __init__(self, settings: RaySettings, cpus: float, gpus: float) -> None:
        # A fresh one: it sees the environment as it is now.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=drive, args=(theirs, settings, cpus, gpus), daemon=True, name="mebench ray"
        )
        with starting_processes():
            self._process.start()
        theirs.close()

    def say(self, message: Fold | Files) -> None:
        """Tell it something; where it is gone, that is heard next."""
        with suppress(OSError):
            self._pipe.send(message)

    def heard(self, seconds: float) -> Iterator[Places | Absent | Told | Ended]:
        """Yield what it has to tell, once there is something, for so long at most.

        Raises:
            MebenchError: the cluster is lost, or cannot be reached.
        """
        try:
            wait = seconds
            while self._pipe.poll(wait):
                said = self._pipe.recv()
                if isinstance(said, Lost):
                    raise MebenchError(f"{said.reason}; {_STAY}")
                yield said
                wait = 0.0
        except (EOFError, OSError) as error:
            raise MebenchError(f"the connection to the Ray cluster broke; {_STAY}") from error

    def close(self) -> None:
        """End it, and with it all folds on the cluster."""
        self._pipe.close()
        self._process.join(_PATIENCE)
        self._process.kill()
        self._process.join()


def _keep_log(job: Job, log: bytes) -> None:
    """Write what a fold's model printed where the run has its logs; a disk that refuses it costs the log alone."""
    with suppress(OSError):
        if log:
            job.log.parent.mkdir(parents=True, exist_ok=True)
            job.log.write_bytes(log)

"""The local process pool: one process a fold, at most ``workers`` at a time.

    for event in run_jobs(jobs, workers=2, preload=["mebench_famnet.model"]):
        print(event.task, event.outcome)

A library pool would reuse processes between folds, and breaks as a whole when one of them is killed; here a
worker that dies costs its fold and no other.
"""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from mebench.models.base import Progress
from mebench.parallel import process_context, starting_processes
from mebench.records import Task
from mebench.runner.jobs import FoldResult, Job
from mebench.runner.worker import Failure, work


@dataclass(frozen=True)
class Event:
    """Something that happened to a fold: it started (None), went on, ended or failed."""

    task: Task
    outcome: Progress | FoldResult | Failure | None = None


class Executor(ABC):
    """Works through the jobs of a run, here or elsewhere: for ``mebench run --executor NAME``.

    It is made once a run. An example, without progress::

        class OneByOne(Executor):
            def run(self, jobs, *, workers, preload=()):
                for job in jobs:
                    if job is None:
                        time.sleep(ASK_SECONDS)
                        continue
                    yield Event(job.task)
                    yield Event(job.task, run_job(job))
    """

    @abstractmethod
    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield for each job an event without outcome, any number with Progress, and one with its end.

        Take a job only when there is a place for it: a fold that is taken is kept from other processes of the
        run. Closing the iterator must end all work; a generator's ``finally`` is the place for that.

        Args:
            jobs: None says that there is none at the moment (other processes have the rest): ask again later.
            workers: how many the user wants at a time.
            preload: modules that every job will import.
        """


class LocalExecutor(Executor):
    """The one that is used where none is named: :func:`run_jobs`."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield what happens in a process a fold, ``workers`` at a time."""
        return run_jobs(jobs, workers=workers, preload=preload)


# Where a source of jobs has none at the moment, it is asked again after this long.
ASK_SECONDS = 0.5
_END = object()


def run_jobs(jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()) -> Iterator[Event]:
    """Work through jobs and yield what happens; closing the iterator ends the workers at once.

    Args:
        jobs: made only when a worker is free to take one. None says that there is none yet: ask again.
        workers: processes at a time.
        preload: modules that the start server imports once, so that workers need not.
    """
    context: Any = process_context()
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload(["mebench.runner.worker", *preload])
    waiting = iter(jobs)
    running: dict[Connection, tuple[BaseProcess, Task]] = {}
    more = True
    try:
        while True:
            while more and len(running) < workers:
                job = next(waiting, _END)
                more = job is not _END
                if not isinstance(job, Job):
                    break
                receiver, sender = context.Pipe(duplex=False)
                process = context.Process(target=work, args=(job, sender), daemon=True)
                with starting_processes():
                    process.start()
                sender.close()
                running[receiver] = (process, job.task)
                yield Event(job.task)
            if not running and not more:
                return
            for receiver in wait(list(running), ASK_SECONDS if more and len(running) < workers else None):
                assert isinstance(receiver, Connection)
                process, task = running[receiver]
                try:
                    outcome = receiver.recv()
                except (EOFError, OSError):
                    process.join()
                    outcome = Failure(_death_of(process))
                if not isinstance(outcome, Progress):
                    del running[receiver]
                    receiver.close()
                    process.join(timeout=10)
                yield Event(task, outcome)
    finally:
        for receiver, (process, _) in running.items():
            process.kill()
            receiver.close()
        for process, _ in running.values():
            process.join()


def _death_of(process: BaseProcess) -> str:
    code = process.exitcode
    if code == -signal.SIGKILL:
        return "its worker process was killed (often: out of memory); use fewer --workers or a smaller batch_size"
    if code is not None and code < 0:
        return f"its worker process died of {signal.Signals(-code).name}"
    return f"its worker process ended without an answer (exit code {code})"

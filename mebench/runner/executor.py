"""The local process pool: one locked process a fold, at most ``workers`` at a time.

    for event in run_jobs(jobs, workers=2):
        print(event.task, event.outcome)

A library pool would reuse processes between folds, and breaks as a whole when one of them is killed; here a
worker that dies costs its fold and no other.
"""

from __future__ import annotations

import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.records import Task
from mebench.runner.fold_process import FoldProcess
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.sealed.process import wait_any


@dataclass(frozen=True)
class Event:
    """Something that happened to a fold: it started (None), went on, ended or failed."""

    task: Task
    outcome: Progress | FoldResult | Failure | None = None


class ExecutorSettings(BaseModel):
    """Settings of an executor; subclass it with one annotated, described field for each."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Executor(ABC):
    """Works through the jobs of a run, or of all runs of a study, here or elsewhere: ``mebench run --executor NAME``.

    It is made once for them, with the :attr:`settings` that stand behind its name, ``NAME[SETTING=VALUE,...]``. A job's
    ``task`` tells it from all others in hand; events give it back as it is. ``elsewhere`` says that folds are
    computed on machines of which it alone knows how many they take: then ``workers`` is 0 where the user names no
    number, and a device that this machine lacks may be asked for. An example, without progress::

        class OneByOne(Executor):
            def run(self, jobs, *, workers, preload=()):
                for job in jobs:
                    if job is None:
                        time.sleep(ASK_SECONDS)
                        continue
                    yield Event(job.task)
                    yield Event(job.task, run_job(job))
    """

    Settings: ClassVar[type[ExecutorSettings]] = ExecutorSettings
    elsewhere: ClassVar[bool] = False

    def __init__(self, settings: ExecutorSettings | None = None) -> None:
        self.settings = settings or self.Settings()

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
            preload: modules that every job will import, for an executor whose processes outlive a job.
        """


class LocalExecutor(Executor):
    """The one that is used where none is named: :func:`run_jobs`."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield what happens in a process a fold, ``workers`` at a time; each knows what it needs of ``preload``."""
        return run_jobs(jobs, workers=workers)


# Where a source of jobs has none at the moment, it is asked again after this long.
ASK_SECONDS = 0.5
_END = object()


class WaitingJobs:
    """The jobs that wait, to be taken one by one; ``more`` is whether there may be any yet."""

    def __init__(self, jobs: Iterable[Job | None]) -> None:
        self._jobs = iter(jobs)
        self.more = True

    def take(self) -> Job | None:
        """Return the next job, None where there is none at the moment, or none any more."""
        job = next(self._jobs, _END)
        self.more = job is not _END
        return job if isinstance(job, Job) else None


def run_jobs(jobs: Iterable[Job | None], *, workers: int) -> Iterator[Event]:
    """Work through jobs and yield what happens; closing the iterator ends the folds' processes at once.

    Args:
        jobs: made only when a worker is free to take one. None says that there is none yet: ask again.
        workers: processes at a time.
    """
    waiting = WaitingJobs(jobs)
    pool = _Pool(waiting, workers)
    try:
        while waiting.more or pool.running:
            yield from pool.begin()
            yield from pool.wait()
    finally:
        for fold in pool.running:
            fold.end()


class _Pool:
    """The folds that run, and where the next ones come from."""

    def __init__(self, waiting: WaitingJobs, workers: int) -> None:
        self.running: list[FoldProcess] = []
        self._waiting = waiting
        self._workers = workers

    def begin(self) -> Iterator[Event]:
        """Start folds as long as there are places and jobs."""
        while self._has_place():
            if (job := self._waiting.take()) is None:
                return
            try:
                self.running.append(FoldProcess(job))
            except MebenchError as error:
                yield Event(job.task)
                yield Event(job.task, Failure(str(error), traceback.format_exc()))
            else:
                yield Event(job.task)

    def wait(self) -> Iterator[Event]:
        """Wait until something happens to a fold, or it is time to ask for jobs again."""
        if not self.running:
            time.sleep(ASK_SECONDS if self._waiting.more else 0)
            return
        left = min(fold.seconds_left for fold in self.running)
        asked_again = ASK_SECONDS if self._has_place() else left
        wait_any([fold.process for fold in self.running], min(left, asked_again))
        told = [Event(fold.job.task, outcome) for fold in self.running for outcome in fold.happened()]
        ended = [fold for fold in self.running if fold.over]
        self.running = [fold for fold in self.running if not fold.over]
        yield from self._begun(told) if ended else told

    def _begun(self, told: list[Event]) -> Iterator[Event]:
        """Start further folds before the ended ones are recorded, lest a core waits for the disk; yield both."""
        started: list[Event] = []
        stopped: BaseException | None = None
        try:
            started.extend(self.begin())
        except BaseException as error:  # what has ended is recorded all the same
            stopped = error
        yield from (*told, *started)
        if stopped is not None:
            raise stopped

    def _has_place(self) -> bool:
        return self._waiting.more and len(self.running) < self._workers


def run_job(job: Job, report: Callable[[Progress], None] = lambda progress: None) -> FoldResult | Failure:
    """Run one job in a locked process of its own: executors call it wherever they have brought the job.

    A job can be pickled; the features that it reads lie in the cache of the machine that made it. ``report`` is
    called with each :class:`Progress`. What the model raises comes back as a :class:`Failure`, what kept the process
    from everything else as the result's ``isolation``.
    """
    with closing(run_jobs([job], workers=1)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event.outcome, Progress):
                report(event.outcome)
            elif event.outcome is not None:
                return event.outcome
    return Failure("its worker process ended without an answer")

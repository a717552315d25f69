"""The executor of ``--folds-together``: all folds that are free, in one process, ``workers`` of them at a time."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator, Sequence

from mebench.errors import MebenchError
from mebench.runner.executor import ASK_SECONDS, Event, Executor, WaitingJobs
from mebench.runner.jobs import Failure, Job
from mebench.runner.together.process import TogetherProcess
from mebench.sealed.process import wait_any


class TogetherExecutor(Executor):
    """Trains folds as one network, as many at a time as there are workers."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield what happens to the folds; closing the iterator ends their process at once."""
        waiting = WaitingJobs(jobs)
        while waiting.more:
            taken: list[Job] = []
            while len(taken) < workers and (job := waiting.take()) is not None:
                taken.append(job)
            if taken:
                yield from _run(taken)
            elif waiting.more:
                time.sleep(ASK_SECONDS)


def _run(jobs: Sequence[Job]) -> Iterator[Event]:
    try:
        folds = TogetherProcess(jobs)
    except MebenchError as error:
        failure = Failure(str(error), traceback.format_exc())
        for job in jobs:
            yield Event(job.task)
            yield Event(job.task, failure)
        return
    with folds:
        for job in jobs:
            yield Event(job.task)
        while not folds.over:
            wait_any([folds.process], folds.seconds_left)
            for task, outcome in folds.happened():
                yield Event(task, outcome)

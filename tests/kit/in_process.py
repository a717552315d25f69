"""An executor without processes: a fold costs no start of Python and no import of torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mebench.api import Event, Executor, Job
from mebench.runner.worker import run_here


class InProcess(Executor):
    """One fold after another, in this process; for folds whose models may share one."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        for job in jobs:
            assert job is not None, "no other process works at this run"
            yield Event(job.task)
            yield Event(job.task, run_here(job))

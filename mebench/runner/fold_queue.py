"""One queue of the folds of one run, or of all runs of a study: whichever takes longest begins first.

    work_through(runs, executor, ended)

Each fold is recorded as it ends, and whoever watches its run is told. Workers go from one run to the next: none is idle
while another run ends. A run that cannot go on costs no other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.plugin import integrity
from mebench.records import Task
from mebench.runner.begun import BegunRun
from mebench.runner.chosen_executor import believed
from mebench.runner.claims import Claims, share
from mebench.runner.executor import Event, Executor
from mebench.runner.jobs import Job
from mebench.runner.longest_first import longest_first
from mebench.runner.recording import forget_empty_log, record


@dataclass(frozen=True, order=True)
class FoldOf(Task):
    """A task that says of which run it is: an executor may have those of several in hand."""

    run: str = ""


def work_through(
    runs: Sequence[BegunRun], executor: Executor, ended: Callable[[BegunRun], None] = lambda run: None
) -> None:
    """Run the folds that are left of some runs and record each as it ends; folds that others have are waited for.

    Args:
        runs: begun under the same options, on one cohort and device.
        executor: that of their options.
        ended: called with a run as soon as its last fold has ended, or it is broken.

    Raises:
        MebenchError: the executor failed. Runs for which ``ended`` was not called are not done; folds recorded before
            stay.
        KeyboardInterrupt: after the workers were ended.
    """
    queue = _Queue(runs, ended)
    for run in runs:
        run.tell("mebench_run_started")
    integrity.refuse_patched()
    ready, options = runs[0].ready, runs[0].ready.options
    # Of folds that train together, all of a seed at a time unless the user says otherwise.
    workers = options.workers if executor.elsewhere else ready.workers
    if options.folds_together:
        workers = options.workers or len(ready.cohort.folds)
    events = believed(
        executor,
        options.executor,
        queue.jobs(),
        workers=min(workers, queue.waiting),
        preload=list(dict.fromkeys(name for run in runs for name in run.ready.preload())),
    )
    try:
        for event in events:
            queue.take(event)
            if queue.is_futile:
                break
    finally:
        events.close()  # type: ignore[attr-defined]  # a generator: ends the workers
        for run in runs:
            _forget_logs(run)
    queue.close()


class _Queue:
    def __init__(self, runs: Sequence[BegunRun], ended: Callable[[BegunRun], None]) -> None:
        self._runs, self._ended = runs, ended
        self._of_claims = {run.plan.claims: run for run in runs}
        self._unrecordable: set[BegunRun] = set()
        self._of_task: dict[Task, tuple[BegunRun, Task]] = {}  # by what an executor calls it
        order = longest_first([(run.left, run.seconds) for run in runs], runs[0].ready.cohort)
        self._order = [(runs[place].plan.claims, task) for place, task in order]

    @property
    def waiting(self) -> int:
        """Return how many folds there are in all."""
        return len(self._order)

    @property
    def is_futile(self) -> bool:
        """Return whether all that is in flight is of runs that cannot record it."""
        return bool(self._unrecordable) and not any(run.at_work for run in self._runs)

    def jobs(self) -> Iterator[Job | None]:
        """Yield the jobs of folds that this process may run; None where others have the rest."""
        for each in share(self._order, self._ended_elsewhere, self._refused):
            if each is None:
                yield None
                continue
            claims, task = each
            run = self._of_claims[claims]
            job = run.factory.job(task)
            if len(self._runs) > 1:
                job = replace(job, task=FoldOf(task.seed, task.fold, run.plan.directory.path.name))
            self._of_task[job.task] = (run, task)
            yield job

    def take(self, event: Event) -> None:
        """Record what an event says, and tell who watches; what keeps a run from it breaks that run."""
        run, task = self._of_task[event.task]
        try:
            self._heed(run, task, event)
        except MebenchError as error:
            self._unrecordable.add(run)
            if event.outcome is not None and task in set(run.plan.claims):
                self._let_go(run, task)
            self._give_up(run, error)

    def _heed(self, run: BegunRun, task: Task, event: Event) -> None:
        if not isinstance(event.outcome, Progress):
            # At a fold's start and end: what it read in between is what its record will name.
            run.plan.identity.refuse_changes()
        if event.outcome is None:
            if run.broken is None:
                run.observer.started(task)
        elif isinstance(event.outcome, Progress):
            if run.broken is None:
                run.observer.progress(task, event.outcome)
                run.tell("mebench_fold_progress", fold=task.fold, seed=task.seed, progress=event.outcome)
        else:
            problem = record(run, task, event.outcome)
            self._let_go(run, task)
            if run.broken is None:
                run.observer.ended(task, problem)
                self._out(run, task)

    def _ended_elsewhere(self, claims: Claims, task: Task, problem: str | None) -> None:
        run = self._of_claims[claims]
        if problem is not None:
            run.outcome.failed[task] = problem
        run.observer.ended_elsewhere(task, problem)
        self._out(run, task)

    def _refused(self, claims: Claims, error: MebenchError) -> None:
        self._give_up(self._of_claims[claims], error)

    def _give_up(self, run: BegunRun, error: MebenchError) -> None:
        if run.broken is None:
            run.give_up(error)
            self._end(run)

    def _out(self, run: BegunRun, task: Task) -> None:
        del run.left[task]
        if not run.left:
            self._end(run)

    def _let_go(self, run: BegunRun, task: Task) -> None:
        forget_empty_log(run.factory.log(task))
        run.plan.claims.release(task)

    def _end(self, run: BegunRun) -> None:
        _forget_logs(run)
        self._ended(run)

    def close(self) -> None:
        """End the runs of which an executor of a plugin left folds untaken, as when it ends early."""
        for run in self._runs:
            if run.at_work:
                for task in run.left:
                    run.failed(task, "the executor ended before it took this fold")
                run.left.clear()
                self._end(run)


def _forget_logs(run: BegunRun) -> None:
    for task in run.plan.claims:
        forget_empty_log(run.factory.log(task))
    with contextlib.suppress(OSError):
        run.factory.logs.rmdir()  # unless something was printed, or another process works

"""A run that has begun: what of it is missing, and what is needed to work it through and to end it.

    with begin(entry, model, cohort, options, store, observer) as run:
        work_through([run], executor)        # mebench.runner.fold_queue
        outcome = run.finish()

Several may have begun at a time, as those of a study do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, first_few
from mebench.features.store import FeatureStore
from mebench.models.asking import Asked
from mebench.models.base import Model
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory, Task
from mebench.runner.completion import forget_scores, settle
from mebench.runner.event_log import EventLog
from mebench.runner.executor import Executor
from mebench.runner.jobs import JobFactory
from mebench.runner.keeping import Keeper, warn_of_unkept
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.plan import RunPlan
from mebench.runner.preparing import Prepared, prepare
from mebench.runner.probes import probed_fold
from mebench.sealed.in_force import NONE, is_full

Notify = Callable[..., None]


@dataclass(eq=False)
class BegunRun:
    """A run that has begun.

    ``seconds`` are those of training of the folds recorded before, ``left`` the folds that are due and have not ended,
    ``broken`` is why it cannot go on, which costs no other run.
    """

    ready: Prepared
    plan: RunPlan
    outcome: Outcome
    observer: Observer
    notify: Notify
    seconds: dict[Task, float]
    left: dict[Task, None]
    log: EventLog
    broken: MebenchError | None = field(default=None, init=False)

    @cached_property
    def factory(self) -> JobFactory:
        """Return the maker of its jobs."""
        return self.ready.factory(self.plan.directory.path / "logs", probed_fold(self.ready.cohort))

    @cached_property
    def keeper(self) -> Keeper | None:
        """Return what keeps the fitted models, where they are wanted."""
        return Keeper(self.ready.trained(), self.plan.directory) if self.ready.options.save_models else None

    @property
    def at_work(self) -> bool:
        """Return whether folds of it are still due."""
        return bool(self.left) and self.broken is None

    def tell(self, hook: str, **arguments: Any) -> None:
        """Log what a hook of this run tells, and call it."""
        told = {"run": self.plan.run, **arguments}
        self.log(hook, **told)
        self.notify(hook, directory=self.plan.directory.path, **told)

    def failed(self, task: Task, reason: str) -> None:
        """Keep why a fold failed."""
        self.outcome.failed[task] = reason
        self.tell("mebench_fold_failed", fold=task.fold, seed=task.seed, reason=reason)

    def give_up(self, error: MebenchError) -> None:
        """Begin no more of its folds."""
        self.broken = self.broken or error
        self.plan.claims.given_up = True

    def finish(self) -> Outcome:
        """Score the run if no fold is missing, and return what came of it.

        Raises:
            MebenchError: the run is broken or damaged, or the disk refuses.
        """
        if self.broken is not None:
            raise self.broken
        outcome, options = self.outcome, self.ready.options
        standing = settle(self.plan.directory)
        outcome.run, outcome.scores, outcome.missing = (
            {**standing.run},
            standing.scores,
            len(standing.missing),
        )
        outcome.done_elsewhere = (
            len(standing.tasks) - outcome.missing - outcome.done_before - outcome.done_now
        )
        if options.save_models:
            kept = (t for t in standing.tasks if t.seed in options.seeds and t.fold in self.ready.chosen)
            warn_of_unkept(self.plan.directory, [task for task in kept if task not in standing.missing])
        for task in set(outcome.failed) - set(standing.missing):
            del outcome.failed[task]
        self.tell("mebench_run_finished", run=outcome.run, scores=outcome.scores)
        return outcome


@contextmanager
def begin(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    notify: Notify,
    executor: Executor,
    asked: Asked | None = None,
) -> Iterator[BegunRun]:
    """Prepare a run, find what of it is missing, and hold its claims meanwhile.

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, a file cannot be reached, or the disk
            refuses.
    """
    ready = prepare(
        entry, model, cohort, options, store, observer.features, asked, elsewhere=executor.elsewhere
    )
    with ready.plan() as plan:
        seconds = {
            task: record["fit_seconds"]
            for task in plan.tasks
            if (record := plan.directory.read_record(task)) is not None
        }
        wanted = [t for t in plan.tasks if t.seed in options.seeds and t.fold in ready.chosen]
        left = dict.fromkeys(task for task in wanted if task not in seconds)
        if options.require_isolation:
            _refuse_unisolated(plan.directory, seconds)
        for task in seconds:
            # A process that is killed at the wrong moment leaves a failure of before beside the record.
            plan.directory.failure_file(task).unlink(missing_ok=True)
        outcome = Outcome(
            plan.directory, plan.run, done_before=len(seconds), missing=len(plan.tasks) - len(seconds)
        )
        scored = not outcome.missing and plan.directory.scores_file.exists()
        log = EventLog(plan.directory.events_file, done=len(seconds), left=len(left), scored=scored)
        if outcome.missing:
            forget_scores(plan.directory, plan.tasks)
        if left:
            observer.planned(outcome, len(left))
        with log.whole():
            yield BegunRun(ready, plan, outcome, observer, notify, seconds, left, log)


def _refuse_unisolated(directory: RunDirectory, recorded: Iterable[Task]) -> None:
    """Raise where folds were recorded whose processes nothing kept from files and the network."""
    found = [(task, _isolation_of(directory, task)) for task in recorded]
    weak = [
        f"{task.fold} seed {task.seed} ({isolation})" for task, isolation in found if not is_full(isolation)
    ]
    if weak:
        raise MebenchError(
            f"{len(weak)} recorded fold(s) of {directory.path} were not isolated as --require-isolation asks: "
            f"{first_few(weak, most=3)}; --fresh runs all folds again"
        )


def _isolation_of(directory: RunDirectory, task: Task) -> str:
    record = directory.read_record(task)
    return NONE if record is None else record.get("isolation", NONE)

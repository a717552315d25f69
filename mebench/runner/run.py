"""One run from a cohort to its scores.

    outcome = execute(entry, model, cohort, options, store, observer)
    outcome.scores       # None while folds are missing

The observer is told what happens as it happens; the command line's live view is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, first_few
from mebench.features.store import FeatureStore
from mebench.models.asking import Asked
from mebench.models.base import Model
from mebench.plugin import integrity
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory, Task
from mebench.runner.chosen_executor import believed
from mebench.runner.completion import forget_scores, settle
from mebench.runner.executor import Executor, LocalExecutor
from mebench.runner.keeping import Keeper, warn_of_unkept
from mebench.runner.longest_first import longest_first
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.preparing import prepare
from mebench.runner.probes import probed_fold
from mebench.runner.recording import Notify, work_through
from mebench.runner.together.executor import TogetherExecutor
from mebench.sealed.in_force import NONE, is_full


def execute(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    notify: Notify = lambda hook, **arguments: None,
    executor: Executor | None = None,
    asked: Asked | None = None,
) -> Outcome:
    """Run the missing folds of a run, record each, and score it once none is missing.

    ``notify`` is called with a hook's name and arguments; ``executor`` is that of ``options.executor``;
    ``asked`` is what the model said before the cohort was read.

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, a file cannot be reached, or the
            disk refuses a record. Folds recorded before stay.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    executor = TogetherExecutor() if options.folds_together else executor or LocalExecutor()
    ready = prepare(
        entry, model, cohort, options, store, observer.features, asked, elsewhere=executor.elsewhere
    )
    with ready.plan() as plan:
        recorded = {
            task: record["fit_seconds"]
            for task in plan.tasks
            if (record := plan.directory.read_record(task)) is not None
        }
        wanted = [t for t in plan.tasks if t.seed in options.seeds and t.fold in ready.chosen]
        waiting = longest_first((task for task in wanted if task not in recorded), cohort, recorded)
        if options.require_isolation:
            _refuse_unisolated(plan.directory, recorded)
        for task in recorded:
            # A process that is killed at the wrong moment leaves a failure of before beside the record.
            plan.directory.failure_file(task).unlink(missing_ok=True)
        outcome = Outcome(
            plan.directory, plan.run, done_before=len(recorded), missing=len(plan.tasks) - len(recorded)
        )
        if outcome.missing:
            forget_scores(plan.directory, plan.tasks)
        if waiting:
            observer.planned(outcome, len(waiting))
            notify("mebench_run_started", run=plan.run, directory=plan.directory.path)
            factory = ready.factory(plan.directory.path / "logs", probed_fold(cohort))
            keeper = Keeper(ready.trained(), plan.directory) if options.save_models else None
            integrity.refuse_patched()
            # Of folds that train together, all of a seed at a time unless the user says otherwise.
            workers = options.workers if executor.elsewhere else ready.workers
            if options.folds_together:
                workers = options.workers or len(cohort.folds)
            events = partial(
                believed,
                executor,
                options.executor,
                workers=min(workers, len(waiting)),
                preload=ready.preload(),
            )
            work_through(waiting, factory, events, plan, outcome, observer, notify, keeper)
        standing = settle(plan.directory)
        outcome.run, outcome.scores, outcome.missing = (
            {**standing.run},
            standing.scores,
            len(standing.missing),
        )
        outcome.done_elsewhere = (
            len(standing.tasks) - outcome.missing - outcome.done_before - outcome.done_now
        )
        if options.save_models:
            kept = (t for t in standing.tasks if t.seed in options.seeds and t.fold in ready.chosen)
            warn_of_unkept(plan.directory, [task for task in kept if task not in standing.missing])
        for task in set(outcome.failed) - set(standing.missing):
            del outcome.failed[task]
    notify("mebench_run_finished", run=outcome.run, directory=outcome.directory.path, scores=outcome.scores)
    return outcome


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

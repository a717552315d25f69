"""One run from a cohort to its scores.

    outcome = execute(entry, model, cohort, options, store, observer)
    outcome.scores       # None while folds are missing

The observer is told what happens as it happens; the command line's live view is one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import FeatureStore
from mebench.features.substitutions import count_substitutions, refuse_unreadable
from mebench.models.base import Model, Progress, assigned_in, reads_of, settings_values
from mebench.models.loading import answering, check_inputs
from mebench.parallel import cores
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory, Task
from mebench.runner.chosen_executor import LOCAL, believed
from mebench.runner.claims import share
from mebench.runner.completion import forget_scores, settle
from mebench.runner.device import DEVICES, PRECISIONS, choose_device, choose_precision
from mebench.runner.executor import Event, Executor, LocalExecutor
from mebench.runner.jobs import FoldResult, Job, JobFactory
from mebench.runner.plan import RunPlan, choose_folds, plan_run
from mebench.runner.seeds import check_seeds
from mebench.runner.worker import Failure
from mebench.scoring.schema import Scores

Notify = Callable[..., None]


@dataclass(frozen=True)
class RunOptions:
    """How to run: none of this changes what a fold's record says, but ``seeds`` and ``shuffle_labels``.

    ``folds`` is a count or names; ``workers`` 0 means one for each core, or one in all on a GPU; ``executor``
    and ``trackers`` are registered names;
    ``allow_dropped`` goes on with clips of which too little can be read; ``fresh`` sets aside what was recorded
    of the very same run before.

    Raises:
        MebenchError: a value is not allowed.
    """

    runs: Path = Path("runs")
    seeds: tuple[int, ...] = (0,)
    folds: str | int | Sequence[str] | None = None
    workers: int = 0
    threads: int = 1
    device: str = "auto"
    precision: str = "auto"
    shuffle_labels: bool = False
    allow_dropped: bool = False
    fresh: bool = False
    executor: str = LOCAL
    trackers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_seeds(self.seeds)
        if self.workers < 0 or self.threads < 1:
            raise MebenchError(
                f"{self.workers} workers of {self.threads} threads each: give at least one thread, and a number "
                "of workers, 0 for as many as suit"
            )
        for name, value, known in (
            ("device", self.device, DEVICES),
            ("precision", self.precision, PRECISIONS),
        ):
            if value not in known:
                raise UnknownNameError(name, value, known)


@dataclass
class Outcome:
    """What came of a run; ``missing`` are the folds without a record, ``failed`` maps some of them to why.

    Other processes may have worked at the same run: ``done_elsewhere`` are the folds they recorded meanwhile.
    """

    directory: RunDirectory
    run: dict[str, Any]
    done_before: int = 0
    done_now: int = 0
    done_elsewhere: int = 0
    missing: int = 0
    failed: dict[Task, str] = field(default_factory=dict)
    scores: Scores | None = None

    def problem(self, again: str = "the same call") -> str | None:
        """Return in one sentence why folds failed, and what tries them again; None where none did."""
        if not self.failed:
            return None
        return (
            f"{len(self.failed)} fold(s) failed ({next(iter(self.failed.values()))}); tracebacks are in "
            f"{self.directory.path / 'folds'}/*.error.txt, and {again} tries them again"
        )


class Observer(Protocol):
    """Who watches a run."""

    def features(self, what: str, done: int, total: int) -> None:
        """Be told that features of ``done`` of ``total`` clips are there."""

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Be told how many folds are done already and how many will be run."""

    def started(self, task: Task) -> None:
        """Be told that a fold began."""

    def progress(self, task: Task, progress: Progress) -> None:
        """Be told how a fold in flight goes."""

    def ended(self, task: Task, problem: str | None) -> None:
        """Be told that a fold was recorded, or why not."""

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Be told that another process recorded a fold, or why it failed there."""


def execute(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    notify: Notify = lambda hook, **arguments: None,
    executor: Executor | None = None,
) -> Outcome:
    """Run the missing folds of a run, record each, and score it once none is missing.

    ``notify`` is called with a hook's name and arguments; ``executor`` is that of ``options.executor``.

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, a file cannot be reached, or the
            disk refuses a record. Folds recorded before stay.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    if not cohort.protocol.classes and not model.detects_aus:
        raise MebenchError(
            f"protocol {cohort.protocol.name!r} asks for action units alone, and {entry.name!r} predicts none: "
            "choose another model, or a protocol with classes"
        )
    check_inputs(entry, model)
    inputs = inputs_for(cohort, model.inputs())
    chosen = choose_folds(cohort, options.folds)
    device = choose_device(model, options.device)
    precision = choose_precision(model, options.precision, device)
    with answering(entry, "prepare()"):
        model.prepare()
    # They name the run: a picture that changed makes it another.
    features = features_of(cohort, inputs, store, observer.features)
    substitutions = count_substitutions(cohort, features)
    refuse_unreadable(substitutions, allow_dropped=options.allow_dropped)
    with plan_run(
        runs=options.runs,
        entry=entry,
        model=model,
        cohort=cohort,
        seeds=options.seeds,
        device=device,
        precision=precision,
        threads=options.threads,
        shuffle_labels=options.shuffle_labels,
        inputs=inputs,
        features=features,
        substitutions=substitutions,
        fresh=options.fresh,
    ) as plan:
        recorded = {task for task in plan.tasks if plan.directory.read_record(task) is not None}
        waiting = [
            t for t in plan.tasks if t not in recorded and t.seed in options.seeds and t.fold in chosen
        ]
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
            factory = JobFactory(
                cohort=cohort,
                features=features,
                target=entry.imported,
                file=entry.file,
                settings=settings_values(model.settings),
                assigned=tuple(sorted(assigned_in(model.settings) - reads_of(model.settings))),
                inputs=inputs,
                device=device,
                precision=precision,
                threads=options.threads,
                shuffle_labels=options.shuffle_labels,
                logs=plan.directory.path / "logs",
            )
            workers = options.workers or (1 if device == "cuda" else cores())
            events = partial(
                believed,
                executor or LocalExecutor(),
                options.executor,
                workers=min(workers, len(waiting)),
                preload=_preload(entry, model),
            )
            _work_through(waiting, factory, events, plan, outcome, observer, notify)
        standing = settle(plan.directory)
        outcome.run, outcome.scores, outcome.missing = (
            {**standing.run},
            standing.scores,
            len(standing.missing),
        )
        outcome.done_elsewhere = (
            len(standing.tasks) - outcome.missing - outcome.done_before - outcome.done_now
        )
        for task in set(outcome.failed) - set(standing.missing):
            del outcome.failed[task]
    notify("mebench_run_finished", run=outcome.run, directory=outcome.directory.path, scores=outcome.scores)
    return outcome


def _preload(entry: Entry, model: Model) -> list[str]:
    """Return the modules that workers find imported: a plugin's own, or what a file leans on, which is read anew."""
    if entry.file is None:
        return [entry.target.partition(":")[0]]
    bases = [each.__module__ for each in type(model).__mro__ if each.__module__.startswith("mebench.")]
    return [*dict.fromkeys(bases), *entry.file.imports()]


def _work_through(
    waiting: list[Task],
    factory: JobFactory,
    events_of: Callable[[Iterable[Job | None]], Iterator[Event]],
    plan: RunPlan,
    outcome: Outcome,
    observer: Observer,
    notify: Notify,
) -> None:
    left = dict.fromkeys(waiting)
    told: dict[str, Any] = {"run": plan.run, "directory": plan.directory.path}

    def ended_elsewhere(task: Task, problem: str | None) -> None:
        left.pop(task)
        if problem is not None:
            outcome.failed[task] = problem
        observer.ended_elsewhere(task, problem)

    tasks = share(waiting, plan.directory, plan.claims, ended_elsewhere)
    jobs = (factory.job(task) if task is not None else None for task in tasks)
    events = events_of(jobs)
    try:
        for event in events:
            if not isinstance(event.outcome, Progress):
                # At a fold's start and end: what it read in between is what its record will name.
                plan.identity.refuse_changes()
            if event.outcome is None:
                observer.started(event.task)
            elif isinstance(event.outcome, Progress):
                observer.progress(event.task, event.outcome)
                of_fold = {"fold": event.task.fold, "seed": event.task.seed}
                notify("mebench_fold_progress", **told, **of_fold, progress=event.outcome)
            else:
                problem = _record(event.task, event.outcome, factory, plan, outcome, notify)
                _forget_empty_log(factory.log(event.task))
                plan.claims.release(event.task)
                observer.ended(event.task, problem)
                left.pop(event.task)
    finally:
        events.close()  # type: ignore[attr-defined]  # a generator: ends the workers
        for task in plan.claims:
            _forget_empty_log(factory.log(task))
        with contextlib.suppress(OSError):
            factory.logs.rmdir()  # unless something was printed, or another process works
    # An executor of a plugin may end early.
    for task in left:
        outcome.failed[task] = "the executor ended before it took this fold"
        notify("mebench_fold_failed", **told, fold=task.fold, seed=task.seed, reason=outcome.failed[task])


def _record(
    task: Task,
    result: FoldResult | Failure,
    factory: JobFactory,
    plan: RunPlan,
    outcome: Outcome,
    notify: Notify,
) -> str | None:
    """Record a fold that ended; return why it failed, or None."""
    if plan.directory.has_record(task):
        # This process was taken for dead, as after a long sleep, and its claim was taken over. The first counts.
        return None
    content = None
    if isinstance(result, FoldResult):
        try:
            content = factory.record(task, result)
        except MebenchError as error:
            result = Failure(str(error))
    if isinstance(result, Failure):
        plan.directory.write_failure(task, result.reason, result.trace)
        outcome.failed[task] = result.reason
        of_fold = {"fold": task.fold, "seed": task.seed}
        notify(
            "mebench_fold_failed",
            run=plan.run,
            directory=plan.directory.path,
            **of_fold,
            reason=result.reason,
        )
        return result.reason
    assert content is not None
    record = plan.directory.write_record(task, content)
    outcome.done_now += 1
    notify("mebench_fold_done", run=plan.run, directory=plan.directory.path, record=record)
    return None


def _forget_empty_log(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()

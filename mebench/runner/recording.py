"""Working through a run's jobs: each fold is recorded as it ends, and whoever watches is told.

work_through(waiting, factory, events, plan, outcome, observer, notify)
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError, reason_of
from mebench.models.base import Progress
from mebench.records import Task
from mebench.runner.claims import share
from mebench.runner.executor import Event
from mebench.runner.jobs import Failure, FoldResult, Job, JobFactory
from mebench.runner.keeping import Keeper
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.plan import RunPlan
from mebench.runner.sealing import refused_isolation
from mebench.sealed.in_force import is_full

Notify = Callable[..., None]


def work_through(
    waiting: list[Task],
    factory: JobFactory,
    events_of: Callable[[Iterable[Job | None]], Iterator[Event]],
    plan: RunPlan,
    outcome: Outcome,
    observer: Observer,
    notify: Notify,
    keeper: Keeper | None = None,
) -> None:
    """Run the waiting folds and record each as it ends; ``outcome`` counts them and holds why some failed.

    ``events_of`` gives what an executor makes of the jobs. Folds that another process of the run has are waited for.
    ``keeper`` keeps the fitted models, where they are wanted.

    Raises:
        MebenchError: what a record would name has changed, or the disk refuses a record.
        KeyboardInterrupt: after the workers were ended.
    """
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
                problem = _record(event.task, event.outcome, factory, plan, outcome, notify, keeper)
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
    keeper: Keeper | None,
) -> str | None:
    """Record a fold that ended; return why it failed, or None."""
    if plan.directory.has_record(task):
        # This process was taken for dead, as after a long sleep, and its claim was taken over. The first counts.
        return None
    content = None
    if isinstance(result, FoldResult):
        try:
            if factory.require_isolation and not is_full(result.isolation):
                raise MebenchError(refused_isolation(result.isolation))
            content = factory.record(task, result)
        except MebenchError as error:
            result = Failure(str(error))
        except Exception as error:  # the fields of a result that an executor of a plugin made
            result = Failure(f"its result is none: {reason_of(error)}", traceback.format_exc())
    if isinstance(result, Failure):
        result = Failure.told({"failure": result.reason, "trace": result.trace})
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
    if keeper is not None:
        # First: a record says that the fold is done, and then its model has to be there.
        keeper.keep(task, content, result.state)
    record = plan.directory.write_record(task, content)
    outcome.done_now += 1
    notify("mebench_fold_done", run=plan.run, directory=plan.directory.path, record=record)
    return None


def _forget_empty_log(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()

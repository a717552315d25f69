"""The executor that the user chose, and what of its events can be believed.

    executor = make_executor(registry, "slurm[partition=gpu]")
    for event in believed(executor, "slurm", jobs, workers=8, preload=[]):
        ...

An outsider's executor may answer for folds that nobody gave it, answer twice, or end with folds in hand. Each
such fault is one sentence, and no recorded fold is lost by it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence

from mebench.errors import MebenchError, MebenchWarning, UnknownNameError, reason_of
from mebench.models.base import Progress
from mebench.models.setting_text import assigned_pairs
from mebench.models.settings import validated, value_of
from mebench.plugin.given import loaded_class
from mebench.plugin.registry import Registry
from mebench.plugin.variants import split_variant
from mebench.records import Task
from mebench.runner.curves import plain_progress
from mebench.runner.executor import Event, Executor, ExecutorSettings, LocalExecutor
from mebench.runner.jobs import Failure, FoldResult, Job

LOCAL = "local"


def executor_class(registry: Registry, name: str) -> type[Executor]:
    """Return the class of a name: ``local``, or a registered one; settings may stand behind it.

    Raises:
        MebenchError: nothing has that name, it is no executor, or what stands behind it are no settings.
    """
    return _chosen(registry, name)[0]


def _chosen(registry: Registry, text: str) -> tuple[type[Executor], ExecutorSettings]:
    name, assigned = split_variant(text)
    kind: type[Executor] = LocalExecutor
    if name != LOCAL:
        kind = loaded_class(registry.get("executor", name), Executor)  # type: ignore[type-abstract]
    fields, values = kind.Settings.model_fields, {}
    for setting, value in assigned_pairs(assigned):
        if not fields:
            raise MebenchError(f"executor {name} has no settings, and {text!r} sets {setting}: leave it out")
        if setting not in fields:
            raise UnknownNameError(
                f"setting of executor {name}", setting, fields, hint=f"`mebench info {name}` shows all"
            )
        values[setting] = value_of(value, fields[setting].annotation)
    return kind, validated(kind.Settings, values, f"executor {name}", "--executor ")


def make_executor(registry: Registry, name: str) -> Executor:
    """Return the executor of a name.

    Raises:
        MebenchError: as :func:`executor_class`, or it cannot be made.
    """
    kind, settings = _chosen(registry, name)
    try:
        return kind(settings) if kind.Settings.model_fields else kind()
    except MebenchError:
        raise
    except (Exception, SystemExit) as error:
        raise MebenchError(f"executor {name!r} cannot be made: {reason_of(error)}") from error


def believed(
    executor: Executor, name: str, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str]
) -> Iterator[Event]:
    """Yield the events that fit the jobs; a job that the executor leaves without an answer fails.

    Raises:
        MebenchError: an executor of a plugin raised something.
    """
    in_hand: dict[Task, bool] = {}  # whether it was said to have started

    def handed() -> Iterator[Job | None]:
        for job in jobs:
            if job is not None:
                in_hand[job.task] = False
            yield job

    source = handed()
    events = _events(executor, name, source, workers, preload)
    told: set[str] = set()
    try:
        for event in events:
            if fault := _fault(event, in_hand):
                if fault not in told:
                    told.add(fault)
                    warnings.warn(
                        f"executor {name!r} {fault}, which is left aside", MebenchWarning, stacklevel=2
                    )
                continue
            if not in_hand[event.task]:
                in_hand[event.task] = True
                yield Event(event.task)
            if event.outcome is None:
                continue
            if not isinstance(event.outcome, Progress):
                del in_hand[event.task]
            yield event
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
    for task, started in list(in_hand.items()):
        if not started:
            yield Event(task)
        yield Event(task, Failure(f"the executor {name!r} ended without an answer for it"))


def _events(
    executor: Executor, name: str, jobs: Iterator[Job | None], workers: int, preload: Sequence[str]
) -> Iterator[Event]:
    try:
        yield from executor.run(jobs, workers=workers, preload=preload)
    except MebenchError:
        raise
    except (Exception, SystemExit) as error:
        if isinstance(executor, LocalExecutor):
            raise
        raise MebenchError(
            f"executor {name!r} failed: {reason_of(error)}; folds that were recorded stay, and the same call goes on"
        ) from error


def _fault(event: object, in_hand: dict[Task, bool]) -> str:
    """Return what is wrong with an event, or nothing."""
    if not isinstance(event, Event):
        return f"gave {type(event).__name__} where an Event is due"
    if not isinstance(event.task, Task) or event.task not in in_hand:
        return "gave an event for a fold that it does not have in hand"
    if event.outcome is not None and not isinstance(event.outcome, (Progress, FoldResult, Failure)):
        return f"gave {type(event.outcome).__name__} as a fold's outcome"
    if isinstance(event.outcome, Progress):
        try:
            plain_progress(event.outcome)
        except Exception as error:  # whatever stands in its fields
            return f"gave a Progress that is none ({reason_of(error)})"
    return ""

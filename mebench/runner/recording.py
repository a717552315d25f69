"""A fold that ended is recorded, or why it failed, and the hooks are told.

record(run, task, result)        # None, or why the fold failed
"""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

from mebench.errors import MebenchError, reason_of
from mebench.records import Task
from mebench.runner.begun import BegunRun
from mebench.runner.jobs import Failure, FoldResult
from mebench.runner.sealing import refused_isolation
from mebench.sealed.in_force import is_full


def record(run: BegunRun, task: Task, result: FoldResult | Failure) -> str | None:
    """Record a fold that ended; return why it failed, or None.

    Raises:
        MebenchError: the disk refuses the record.
    """
    directory, factory = run.plan.directory, run.factory
    if directory.has_record(task):
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
        directory.write_failure(task, result.reason, result.trace)
        run.failed(task, result.reason)
        return result.reason
    assert content is not None
    if run.keeper is not None:
        # First: a record says that the fold is done, and then its model has to be there.
        run.keeper.keep(task, content, result.state)
    recorded = directory.write_record(task, content)
    run.outcome.done_now += 1
    run.tell("mebench_fold_done", record=recorded)
    return None


def forget_empty_log(log: Path) -> None:
    """Remove what a model printed where that is nothing."""
    with contextlib.suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()

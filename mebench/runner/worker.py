"""The worker process of one fold: fit, predict, report, end.

It is a fresh process for every fold, so nothing a model keeps in a module or class can carry labels from
one fold to the next.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.models.base import Context, Predictions, Progress, reads_of
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.models.keeping import checked_state
from mebench.models.settings import refuse_unread
from mebench.runner.curves import Curves
from mebench.runner.jobs import FoldResult, Job
from mebench.runner.selection import earlier_predictions, fit_by
from mebench.torchvision_shim import watch_torchvision


@dataclass(frozen=True)
class Failure:
    """Why a fold has no result: one sentence, and the traceback for who wants it."""

    reason: str
    trace: str = ""


# The start server imports this module first, then the model's.
watch_torchvision()


def work(job: Job, answers: Connection) -> None:
    """Run one job and send :class:`Progress` messages, then a :class:`FoldResult` or :class:`Failure`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _redirect_output(job)
    answer = run_job(job, answers.send)
    # Where the main process is gone already, nobody wants the answer.
    with contextlib.suppress(BrokenPipeError):
        answers.send(answer)
        answers.close()


def run_job(job: Job, report: Callable[[Progress], None] = lambda progress: None) -> FoldResult | Failure:
    """Run one job in this process, which should be a fresh one: executors call it wherever they have brought it.

    A job can be pickled; the features that it reads lie in the cache of the machine that made it. ``report`` is
    called with each :class:`Progress`. What the model raises comes back as a :class:`Failure`.
    """
    try:
        return _run(job, report)
    except MebenchError as error:
        return Failure(str(error), traceback.format_exc())
    except MemoryError:
        return Failure("the worker ran out of memory: use fewer --workers or a smaller batch_size")
    except (Exception, SystemExit) as error:
        return Failure(reason_of(error), traceback.format_exc())


def _run(job: Job, tell: Callable[[Progress], None]) -> FoldResult:
    module, _, attribute = job.target.partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    _limit_threads(job)
    model = kind(kind.Settings(**job.settings))
    reads_of(model.settings).clear()  # checking settings is no use of them
    curves = Curves()

    def report(progress: Progress) -> None:
        if not isinstance(progress, Progress):
            raise TypeError(f"context.report takes a Progress, not {type(progress).__name__}")
        curves.add(progress)
        tell(progress)

    context = Context(
        job.seed,
        job.classes,
        job.au_numbers,
        job.device,
        job.precision,
        report,
        job.assigned,
        job.threads,
        job.selection,
    )
    start = time.perf_counter()
    chosen = fit_by(job.selection, model, job.train, context)
    fitted = time.perf_counter()
    predictions = model.predict(job.test) if len(job.test) else _of_nothing(job)
    # After the last epoch's own, which are then those of a training that chooses nothing.
    epochs = (*earlier_predictions(model, job.test), predictions) if job.selection == ORACLE else ()
    for each in (*epochs, predictions):
        if not isinstance(each, Predictions):
            raise MebenchError(f"predict() returned {type(each).__name__} where Predictions are due")
    predicted, peak = time.perf_counter(), _peak_memory_mib()
    # It predicts, too: where there are no test clips, whatever only predictions read is read here.
    state = checked_state(model, job.train, replace(context, selection=LAST)) if job.keep_state else None
    refuse_unread(model.settings, job.assigned)
    return FoldResult(
        predictions,
        fitted - start,
        predicted - fitted,
        peak,
        curves.values(),
        epochs,
        chosen,
        state,
    )


def _of_nothing(job: Job) -> Predictions:
    return Predictions(np.empty((0, len(job.classes))), np.empty((0, len(job.au_numbers))))


def _limit_threads(job: Job) -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(job.threads)
    if "torch" in sys.modules or job.device != "cpu":
        import torch

        torch.set_num_threads(job.threads)


def _redirect_output(job: Job) -> None:
    """Send whatever the model prints to the fold's log, so that the live view stays whole."""
    while True:
        job.log.parent.mkdir(parents=True, exist_ok=True)
        # Another process of the run may just be removing the folder, empty until now.
        with contextlib.suppress(FileNotFoundError):
            log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            break
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _end_with_parent() -> None:
    """End this process when the main one is gone, however it went (``kill -9`` runs no clean-up)."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _peak_memory_mib() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)

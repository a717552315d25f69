"""One model of a protocol's whole cohort, kept in a folder: nothing is tested, everything is learnt from.

    fit_whole(entry, model, cohort, RunOptions(seeds=(0,)), store, report, Path("kept"))

What it is worth, a run says: its folds are trained alike on all subjects but one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.files import disk_errors, write_atomically
from mebench.models.asking import Asked
from mebench.models.base import Model
from mebench.models.fitted import save_fitted
from mebench.models.kept import refuse_taken
from mebench.plugin import integrity
from mebench.plugin.entry import Entry
from mebench.plugin.source import refuse_changed_source
from mebench.records import Task
from mebench.runner.executor import run_job
from mebench.runner.jobs import Failure
from mebench.runner.options import RunOptions
from mebench.runner.preparing import prepare

# From this name and the run's seed its seed is derived, as a fold's from the fold's.
WHOLE = "whole cohort"

Report = Callable[[str, int, int], None]


def fit_whole(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    report: Report,
    out: Path,
    *,
    replaced: bool = False,
    asked: Asked | None = None,
) -> Path:
    """Train a model on all clips of a cohort in a process of its own, keep it in ``out``, and return that.

    Args:
        entry: what the model is registered as.
        model: with its settings.
        cohort: all of its clips are trained on.
        options: of which ``seeds`` (one), ``threads``, ``device``, ``precision``, ``allow_dropped``, ``shuffle_labels``
            and ``selection`` count.
        store: of features.
        report: called with what is done, how much of it, and of how much.
        out: a new or empty folder.
        asked: what the model said before the cohort was read.
        replaced: ``out`` may be a kept model, whose place the new one takes once it is there.

    Raises:
        MebenchError: it cannot be trained or kept, or training fails: then its traceback lies beside ``out``.
        KeyboardInterrupt: after the worker was ended; nothing is left of it.
    """
    out = out.resolve()  # where a link leads: it is no folder that could be replaced
    refuse_taken(out, replaced=replaced)
    every = np.arange(len(cohort.clips))
    whole = replace(cohort, folds=(Fold(WHOLE, every, every[:0]),))
    (seed,) = options.seeds
    ready = prepare(entry, model, whole, replace(options, save_models=True, folds=None), store, report, asked)
    task, trained = Task(seed, WHOLE), ready.trained()
    integrity.refuse_patched()
    code = trained.code()
    trouble = out.with_name(f"{out.name}.error.txt")
    with disk_errors(out, "choose another --out folder, or free some space"):
        out.parent.mkdir(parents=True, exist_ok=True)
        # Under the name of what is half done, which the next try clears where this one is killed.
        scratch = tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    with scratch as folder:
        factory = ready.factory(Path(folder))
        result = run_job(
            factory.job(task),
            lambda progress: report(f"training {entry.name}", progress.step, progress.steps),
        )
        if isinstance(result, Failure):
            log = factory.log(task)
            said = log.read_text(errors="replace") if log.is_file() else ""
            write_atomically(trouble, said + result.trace)
            raise MebenchError(f"{result.reason} (its traceback is in {trouble})")
        refuse_changed_source(code)
        validated = result.chosen.validated_on if result.chosen else 0
        record = {"derived_seed": factory.seed(task), "trained_on": len(every) - validated}
        if result.chosen:
            record["epoch"] = result.chosen.epoch
        if result.state is None:
            raise MebenchError("the worker gave back no fitted model")
        about = trained.about(task, record, fold=None)
        state = result.state
    save_fitted(out, about, state, replaced=replaced)
    trouble.unlink(missing_ok=True)
    return out

"""Recorded runs whose epochs answer what a test says; nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from invented import factory_of, planned

from mebench.cohort.building import Cohort
from mebench.models.base import Predictions
from mebench.plugin.loading import load_plugins
from mebench.records import RunDirectory, Task
from mebench.runner.jobs import FoldResult
from mebench.runner.selection import Chosen

# The class numbers (n,) of all clips of the cohort that an epoch answers in a fold, epoch after epoch.
Epochs = Callable[[Task], Sequence[np.ndarray]]


def record_epochs(
    runs: Path,
    cohort: Cohort,
    told: Epochs,
    *,
    selection: str = "oracle",
    seeds: Sequence[int] = (0,),
    model: str = "ststnet",
) -> RunDirectory:
    """Record a run below ``runs``; under ``inner`` the first epoch is the one chosen, by one clip."""
    entry = load_plugins().registry.get("model", model)
    factory = factory_of(cohort, selection=selection)
    classes = np.eye(len(cohort.protocol.classes))
    with planned(runs, cohort, entry, entry.load()(), seeds=seeds, selection=selection) as plan:
        for task in plan.tasks:
            fold = next(fold for fold in cohort.folds if fold.name == task.fold)
            asked = fold.test[factory._shuffle(task)]
            epochs = tuple(Predictions(classes[answers[asked]]) for answers in told(task))
            chosen = Chosen(1, (1,), len(epochs), 1) if selection == "inner" else None
            result = FoldResult(
                epochs[0] if selection == "inner" else epochs[-1],
                0.5,
                0.1,
                80.0,
                epochs=epochs if selection == "oracle" else (),
                chosen=chosen,
            )
            plan.directory.write_record(task, factory.record(task, result))
    return plan.directory

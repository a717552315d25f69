"""Recorded runs that answer what a test says; nothing is trained."""

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

# Of each clip of the cohort: class numbers (n,), or probabilities of action units (n, K).
Answer = Callable[[Task], np.ndarray]


def record_run(
    runs: Path,
    cohort: Cohort,
    told: Answer | None = None,
    *,
    aus: Answer | None = None,
    seeds: Sequence[int] = (0,),
    model: str = "majority",
    shuffle_labels: bool = False,
) -> RunDirectory:
    """Record a run below ``runs`` whose model answers ``told`` and, of action units, ``aus``."""
    entry = load_plugins().registry.get("model", model)
    factory = factory_of(cohort, shuffle_labels=shuffle_labels)
    folds = {fold.name: fold for fold in cohort.folds}
    classes = np.eye(len(cohort.protocol.classes))
    with planned(runs, cohort, entry, entry.load()(), seeds=seeds, shuffle_labels=shuffle_labels) as plan:
        for task in plan.tasks:
            asked = folds[task.fold].test[factory._shuffle(task)]
            chosen = classes[told(task)[asked]] if told else np.empty((len(asked), 0))
            units = aus(task)[asked].astype(float) if aus else None
            result = FoldResult(Predictions(chosen, units), 0.5, 0.1, 80.0)
            plan.directory.write_record(task, factory.record(task, result))
    return plan.directory

"""Loss curves of a run, from its records: what each fold's model reported, epoch by epoch.

    found = read_curves(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
    summarise(found)["loss"]["median"]      # over folds and seeds, one number an epoch

A record holds them as ``curves``, name -> one number an epoch; a model that reports none has no such key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from mebench.records import RunDirectory, Task
from mebench.scoring.recorded import tasks_of
from mebench.scoring.summaries import plain

if TYPE_CHECKING:
    import pandas as pd


class Curve(TypedDict):
    """One value's course over epochs, which count from 1: median and quartiles over folds and seeds.

    ``folds`` counts the curves behind each epoch; training that stopped early leaves fewer. ``each`` maps
    ``FOLD seed N`` to its own curve.
    """

    median: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    folds: list[int]
    each: dict[str, list[float | None]]


def read_curves(directory: RunDirectory) -> dict[Task, dict[str, list[float | None]]]:
    """Return what each recorded fold says of its training; folds that say nothing are left out.

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged.
    """
    found = {}
    for task in tasks_of(directory):
        record = directory.read_record(task)
        curves = record.get("curves", {}) if record else {}
        if steps := {name: values for name, values in curves.items() if values}:
            found[task] = steps
    return found


def summarise(curves: dict[Task, dict[str, list[float | None]]]) -> dict[str, Curve]:
    """Return name -> its course over folds and seeds: the loss first, the others by name."""
    names = sorted(
        {name for each in curves.values() for name in each}, key=lambda name: (name != "loss", name)
    )
    return {
        name: _course({f"{t.fold} seed {t.seed}": each[name] for t, each in curves.items() if name in each})
        for name in names
    }


def curves_frame(curves: dict[Task, dict[str, list[float | None]]]) -> pd.DataFrame:
    """Return one row for each fold, seed, name and epoch, with its ``value``."""
    import pandas as pd

    rows = [
        (task.fold, task.seed, name, epoch, value)
        for task, each in curves.items()
        for name, values in each.items()
        for epoch, value in enumerate(values, start=1)
    ]
    return pd.DataFrame(rows, columns=["fold", "seed", "name", "epoch", "value"])


def _course(each: dict[str, list[float | None]]) -> Curve:
    table = np.full((len(each), max(map(len, each.values()))), np.nan)
    for row, values in zip(table, each.values(), strict=True):
        row[: len(values)] = [np.nan if value is None else value for value in values]
    known = [column[~np.isnan(column)] for column in table.T]

    def quantile(share: float) -> list[float | None]:
        return [plain(float(np.quantile(column, share))) if len(column) else None for column in known]

    return {
        "median": quantile(0.5),
        "lower": quantile(0.25),
        "upper": quantile(0.75),
        "folds": [len(column) for column in known],
        "each": each,
    }

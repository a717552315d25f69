"""The recorded predictions of a run as one table, beside the truth.

recorded_predictions(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mebench.cohort.splits import fold_columns
from mebench.records import RunDirectory, Task
from mebench.scoring.rebuild import read_cohort

if TYPE_CHECKING:
    import pandas as pd


def recorded_predictions(directory: RunDirectory) -> pd.DataFrame:
    """Return one row for each clip and seed whose fold is recorded.

    Columns: ``key, dataset, subject, fold, seed``, and ``repeat`` under a repeated split. Where the protocol has
    classes: ``truth`` and ``predicted`` (names; among equals the first) and ``p_NAME``, the probability of each
    class. Where the model detects action units: ``p_auN``, and ``auN`` as coded (empty where the owner coded none).

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged.
    """
    import pandas as pd

    run, cohort = directory.read_run(), read_cohort(directory)
    tested = cohort[cohort["fold"] != ""].set_index("key", drop=False)
    repeats = fold_columns(cohort)
    classes = run["classes"]
    units = [f"au{number}" for number in run["aus"]]
    rows: list[dict[str, Any]] = []
    for seed in run["seeds"]:
        for number, fold in _folds(cohort):
            record = directory.read_record(Task(seed, fold))
            for prediction in record["predictions"] if record else ():
                clip = tested.loc[prediction["clip"]]
                row = {name: clip[name] for name in ("key", "dataset", "subject")}
                row |= {"fold": fold, "seed": seed} | ({"repeat": number} if len(repeats) > 1 else {})
                if classes:
                    shares = prediction["probabilities"]
                    row |= {"truth": clip["class"], "predicted": classes[shares.index(max(shares))]}
                    row |= {f"p_{name}": share for name, share in zip(classes, shares, strict=True)}
                if "aus" in prediction:
                    row |= {name: clip[name] for name in units}
                    row |= {f"p_{n}": share for n, share in zip(units, prediction["aus"], strict=True)}
                rows.append(row)
    names = ["key", "dataset", "subject", "fold", "seed"]
    return pd.DataFrame(rows, columns=None if rows else names)


def tasks_of(directory: RunDirectory) -> list[Task]:
    """Return the folds and seeds that a run consists of, recorded or not.

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged.
    """
    folds = directory.read_truth().folds
    return [Task(seed, fold) for seed in directory.read_run()["seeds"] for fold in folds]


def unrecorded(directory: RunDirectory) -> list[Task]:
    """Return the folds and seeds without a record that counts.

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged.
    """
    return [task for task in tasks_of(directory) if directory.read_record(task) is None]


def _folds(cohort: pd.DataFrame) -> list[tuple[int, str]]:
    """Return number of repeat and name of each fold; a clip that is only trained on has none."""
    return [
        (number, fold)
        for number, column in enumerate(fold_columns(cohort), start=1)
        for fold in dict.fromkeys(cohort[column])
        if fold
    ]

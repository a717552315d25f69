"""Scores from what a run directory stores: its records and its cohort's labels, nothing else.

score_run(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mebench.errors import MebenchError
from mebench.records import RunDirectory, Task
from mebench.scoring.au_scores import au_scores
from mebench.scoring.scores import score


def read_cohort(directory: RunDirectory) -> pd.DataFrame:
    """Return a run's ``cohort.csv``: key, dataset, subject, fold, label, class, au*.

    Raises:
        MebenchError: it is missing or damaged.
    """
    names = {"key": str, "dataset": str, "subject": str, "fold": str, "class": str}
    try:
        table = pd.read_csv(directory.cohort_file, dtype=names, keep_default_na=False)
        if missing := [name for name in (*names, "label") if name not in table]:
            raise ValueError(f"it lacks the column {missing[0]!r}")
        return table
    except (OSError, ValueError) as error:
        raise MebenchError(f"{directory.cohort_file} is missing or damaged ({error})") from error


def score_run(directory: RunDirectory) -> dict[str, Any]:
    """Return the scores of a complete run: of classes and action units, or of action units alone.

    Raises:
        MebenchError: a fold has no record that counts, or the records do not fit the cohort.
    """
    run, cohort = directory.read_run(), read_cohort(directory)
    cohort = cohort[cohort["fold"] != ""]  # clips of a given training part are never tested
    keys = list(cohort["key"])
    folds = list(dict.fromkeys(cohort["fold"]))
    predictions: dict[int, np.ndarray] = {}
    aus: dict[int, np.ndarray] = {}
    for seed in run["seeds"]:
        rows = _rows_of_seed(directory, seed, folds)
        if set(rows) != set(keys):
            raise MebenchError(f"{directory.path}: the records of seed {seed} do not hold the cohort's clips")
        predictions[seed] = np.array([rows[key]["probabilities"] for key in keys])
        if run["aus"] and all("aus" in row for row in rows.values()):
            aus[seed] = np.array([rows[key]["aus"] for key in keys])
    columns = [f"au{number}" for number in run["aus"]]
    clips: dict[str, Any] = {
        "keys": keys,
        "subjects": list(cohort["subject"]),
        "datasets": list(cohort["dataset"]),
    }
    if not run["classes"]:
        units = au_scores(**clips, truth=cohort[columns].to_numpy(), names=columns, predictions=aus)
        return {
            "folds": len(folds),
            "seeds": run["seeds"],
            "classes": [],
            "clips": len(keys),
            "subjects": units["subjects"],
            "au": units,
        }
    detection: dict[str, Any] = (
        {"au_truth": cohort[columns].to_numpy(), "au_names": columns, "au_predictions": aus} if aus else {}
    )
    return score(
        **clips,
        truth=cohort["label"].to_numpy(),
        folds=list(cohort["fold"]),
        classes=run["classes"],
        predictions=predictions,
        **detection,
    )


def _rows_of_seed(directory: RunDirectory, seed: int, folds: list[str]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for fold in folds:
        record = directory.read_record(Task(seed, fold))
        if record is None:
            raise MebenchError(
                f"{directory.path}: fold {fold} of seed {seed} has no record, so there is no score"
            )
        rows |= {prediction["clip"]: prediction for prediction in record["predictions"]}
    return rows

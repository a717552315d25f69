"""The runs in a folder, one row each, from what their directories store.

for row in run_rows(Path("runs")): print(row["run"], row["uf1"])
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.truth import refuse_other_truth
from mebench.models.setting_text import in_words
from mebench.records import RunDirectory, find_runs
from mebench.run_info import RunInfo
from mebench.scoring.rebuild import score_run
from mebench.scoring.recorded import unrecorded
from mebench.scoring.schema import Scores
from mebench.scoring.stored import read_scores
from mebench.scoring.tables import Table, percent, run_marks
from mebench.sealed.in_force import NONE


class RunRow(TypedDict):
    """One run: ``run`` is its directory, ``done`` of ``folds`` are recorded, of all seeds.

    ``settings`` are those that differ from what the model's name stands for. Scores are shares, None while
    folds are missing; ``f1`` is the action units' mean F1. ``isolation`` is the weakest of the folds', None while some
    are missing; ``checks`` are as scores have them.
    """

    run: str
    model: str
    protocol: str
    settings: dict[str, Any]
    seeds: list[int]
    done: int
    folds: int
    uf1: float | None
    uar: float | None
    accuracy: float | None
    f1: float | None
    synthetic: bool
    shuffled_labels: bool
    precision: str
    subject_dependent: bool
    selection: str
    local_code: dict[str, str] | None
    isolation: str | None
    checks: dict[str, float]
    created: str


def run_rows(folder: Path) -> list[RunRow]:
    """Return a row for each run below a folder, by name; a damaged one is named in a warning."""
    found = []
    for directory in find_runs(folder):
        try:
            found.append(_row(directory))
        except MebenchError as error:
            _warn(f"{directory.path} is left out: {error}")
    return found


def _row(directory: RunDirectory) -> RunRow:
    run = directory.read_run()
    done, scores = _standing(directory, run)
    return RunRow(
        run=str(directory.path),
        model=run["model"],
        protocol=run["protocol"],
        settings=run["changed_settings"],
        seeds=run["seeds"],
        done=done,
        folds=run["cohort"]["folds"] * len(run["seeds"]),
        uf1=scores["uf1"]["mean"] if scores and "uf1" in scores else None,
        uar=scores["uar"]["mean"] if scores and "uar" in scores else None,
        accuracy=scores["accuracy"]["mean"] if scores and "accuracy" in scores else None,
        f1=scores["au"]["f1"]["mean"] if scores and "au" in scores else None,
        synthetic=run["synthetic"],
        shuffled_labels=run["shuffled_labels"],
        precision=run["precision"],
        subject_dependent=run["subject_dependent"],
        selection=run["selection"],
        local_code=run["local_code"],
        isolation=scores.get("isolation", NONE) if scores else None,
        checks=scores.get("checks", {}) if scores else {},
        created=run["created"],
    )


def _standing(directory: RunDirectory, run: RunInfo) -> tuple[int, Scores | None]:
    """Return how many folds are recorded, and the scores: those that are stored, where they still stand.

    Raises:
        MebenchError: ``cohort.csv`` is damaged.
    """
    stored: Scores | None = None
    try:
        stored = read_scores(directory, run)
    except MebenchError as error:
        _warn(f"{error}; these are computed from the records")
    if not directory.cohort_file.exists():
        # Stored without the labels, which may not be handed on: nothing can be computed.
        return len(list(directory.path.glob("folds/*.json"))), stored
    refuse_other_truth(directory.cohort_file, run)
    if stored is not None:
        return run["cohort"]["folds"] * len(run["seeds"]), stored
    missing = unrecorded(directory)
    done = run["cohort"]["folds"] * len(run["seeds"]) - len(missing)
    return done, None if missing else score_run(directory)


def _warn(message: str) -> None:
    warnings.warn(message, MebenchWarning, stacklevel=5)


def runs_table(title: str, rows: Sequence[RunRow]) -> Table:
    """Return rows of runs as they are shown; what sets a run apart stands with its data."""
    return Table(
        title,
        ("run", "settings", "seeds", "folds", "UF1", "UAR", "data"),
        [
            (
                row["run"],
                in_words(dict(sorted(row["settings"].items())), " "),
                ",".join(map(str, row["seeds"])),
                f"{row['done']}/{row['folds']}",
                percent(row["uf1"]),
                percent(row["uar"]),
                ", ".join(("synthetic" if row["synthetic"] else "real", *run_marks(row))),
            )
            for row in rows
        ],
        ("folds", "UF1", "UAR"),
    )

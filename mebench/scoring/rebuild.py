"""Scores from what a run directory stores: its records and its cohort's labels, nothing else.

score_run(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mebench.cohort.splits import fold_columns
from mebench.errors import MebenchError
from mebench.plugin import integrity
from mebench.records import RunDirectory, Task
from mebench.run_info import Record, RecordedPrediction, RunInfo
from mebench.scoring.au_scores import au_scores
from mebench.scoring.schema import Scores
from mebench.scoring.scores import score
from mebench.scoring.trust import trust_of

if TYPE_CHECKING:
    import pandas as pd

# Which of a record's predictions: those that count, or those of the last epoch where another one was chosen.
Epoch = Literal["predictions", "last"]


# Of a run's ``cohort.csv``, as texts; plain lists, since pandas takes longer to start than a run takes to score.
Columns = Mapping[str, list[str]]


def read_cohort(directory: RunDirectory) -> pd.DataFrame:
    """Return a run's ``cohort.csv``: key, dataset, subject, fold (fold_2, ...), label, class, au*.

    Raises:
        MebenchError: it or ``run.json`` is missing or damaged, or they do not agree.
    """
    return _table(directory.read_truth().columns)


@dataclass(frozen=True)
class Pooled:
    """The recorded predictions of a complete run, of all folds together.

    ``columns`` are those of ``cohort.csv``, and ``cohort`` the same as a table, of the n tested clips; ``clips`` are
    their ``keys``, ``subjects`` and ``datasets``, ``truth`` their class numbers;
    ``rows`` maps each training seed (or, under a repeated split, number of a set: each repeat of each seed) to
    what is recorded of each clip, and ``folds`` to the fold that tested it. ``trust`` is what the records say of their
    isolation and checks (:mod:`mebench.scoring.trust`).
    """

    run: RunInfo
    columns: Columns
    repeats: int
    folds: dict[int, list[str]]
    rows: dict[int, dict[str, RecordedPrediction]]
    trust: dict[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> list[str]:
        """Return the class names."""
        return self.run["classes"]

    @property
    def units(self) -> list[str]:
        """Return the cohort's columns of action units, ``au12``."""
        return [f"au{number}" for number in self.run["aus"]]

    @cached_property
    def has_units(self) -> bool:
        """Return whether action units are predicted of every clip."""
        rows = (row for found in self.rows.values() for row in found.values())
        return bool(self.run["aus"]) and all("aus" in row for row in rows)

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """Return the columns as a table whose labels are numbers."""
        return _table(self.columns)

    @property
    def coded(self) -> Columns:
        """Return the columns of the clips whose action units the owner coded; empty cells say that none are."""
        return _those(self.columns, [cell != "" for cell in self.columns[self.units[0]]])

    @property
    def clips(self) -> dict[str, Any]:
        """Return keys, subjects and datasets, each (n,)."""
        return clips_of(self.columns)

    @property
    def truth(self) -> np.ndarray:
        """Return class numbers, int64 (n,)."""
        return np.array([int(label) for label in self.columns["label"]], np.int64)

    @property
    def predictions(self) -> dict[int, np.ndarray]:
        """Return probabilities (n, classes) of each set."""
        return _predictions(self.rows, self.columns, "probabilities")


def read_predictions(
    directory: RunDirectory, seeds: Sequence[int] | None = None, *, of: Epoch = "predictions"
) -> Pooled:
    """Return the predictions of a complete run, or of some training seeds of it as if it had no others.

    ``of`` says which: those that count, or those of the ``last`` epoch of an oracle run.

    Raises:
        MebenchError: a fold has no record that counts, or the records do not fit the cohort.
    """
    evidence = directory.evidence()
    run, columns = evidence.run, evidence.truth.columns
    if seeds is not None:
        run = {**run, "seeds": sorted(set(seeds))}
    # Clips of a given training part are never tested.
    columns = _those(columns, [fold != "" for fold in columns["fold"]])
    repeats = fold_columns(columns)
    # Every repeat of every seed is one set of predictions of all clips; without repeats, a seed names its set.
    sets = [(seed, column) for seed in run["seeds"] for column in repeats]
    numbers = list(range(len(sets))) if len(repeats) > 1 else run["seeds"]
    records: list[Record] = []
    rows = {
        number: _rows_of_seed(directory, seed, list(dict.fromkeys(columns[column])), of, records)
        for number, (seed, column) in zip(numbers, sets, strict=True)
    }
    folds = {number: columns[column] for number, (_, column) in zip(numbers, sets, strict=True)}
    return Pooled(run, columns, len(repeats), folds, rows, trust_of(records))


def score_run(directory: RunDirectory) -> Scores:
    """Return the scores of a complete run: of classes and action units, or of action units alone.

    Raises:
        MebenchError: a fold has no record that counts, or the records do not fit the cohort, or a plugin has changed
            mebench.
    """
    return score_pooled(read_predictions(directory))


def score_pooled(pooled: Pooled) -> Scores:
    """Return the scores of predictions; see :func:`score_run`."""
    integrity.refuse_patched()
    return scores_of(pooled)


def scores_of(pooled: Pooled) -> Scores:
    """Return the scores of predictions, for whoever has seen that no plugin has changed mebench."""
    run, columns, rows = pooled.run, pooled.columns, pooled.rows
    if run["classes"]:
        scores = score(
            **pooled.clips,
            truth=pooled.truth,
            folds=pooled.folds,
            classes=run["classes"],
            predictions=pooled.predictions,
        )
    else:
        scores = {
            "folds": len({name for column in fold_columns(columns) for name in columns[column]}),
            "seeds": run["seeds"],
            "classes": run["classes"],
            "clips": len(columns["key"]),
            "subjects": len(set(columns["subject"])),
        }
    if pooled.has_units and (coded := pooled.coded)["key"]:
        scores["au"] = au_scores(
            **clips_of(coded),
            truth=unit_truth(coded, pooled.units),
            names=pooled.units,
            predictions=_predictions(rows, coded, "aus"),
        )
    if pooled.repeats > 1:
        scores["seeds"], scores["repeats"] = run["seeds"], pooled.repeats
    scores.update(pooled.trust)  # type: ignore[typeddict-item]
    return scores


def clips_of(columns: Columns) -> dict[str, Any]:
    """Return keys, subjects and datasets of clips, each (n,)."""
    return {"keys": columns["key"], "subjects": columns["subject"], "datasets": columns["dataset"]}


def unit_truth(coded: Columns, units: Sequence[str]) -> np.ndarray:
    """Return which action units clips that are coded show, int64 (n, units)."""
    return np.array([[int(cell) for cell in coded[unit]] for unit in units], np.int64).T


def _those(columns: Columns, chosen: Sequence[bool]) -> Columns:
    return {name: list(compress(cells, chosen)) for name, cells in columns.items()}


def _table(columns: Columns) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(columns, dtype=object)
    return table.assign(label=table["label"].astype(int))


def _predictions(
    rows: dict[int, dict[str, RecordedPrediction]],
    columns: Columns,
    what: Literal["probabilities", "aus"],
) -> dict[int, np.ndarray]:
    return {seed: np.array([found[key][what] for key in columns["key"]]) for seed, found in rows.items()}


def _rows_of_seed(
    directory: RunDirectory, seed: int, folds: list[str], of: Epoch, records: list[Record]
) -> dict[str, RecordedPrediction]:
    rows: dict[str, RecordedPrediction] = {}
    for fold in folds:
        task = Task(seed, fold)
        record, problem = directory.look(task)
        if problem:
            raise MebenchError(
                f"{directory.record_file(task)} does not count ({problem}): the same command runs its fold again"
            )
        if record is None:
            raise MebenchError(
                f"{directory.path}: fold {fold} of seed {seed} has no record, so there is no score"
            )
        if of not in record:
            raise MebenchError(f"{directory.record_file(task)} holds no predictions of the last epoch alone")
        records.append(record)
        rows |= {prediction["clip"]: prediction for prediction in record[of]}
    return rows

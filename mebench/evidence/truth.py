"""``cohort.csv``: the truth that a run's scores are computed from, and the clips that each of its folds tests.

    text = cohort_csv(cohort)
    truth = read_truth(path, run)             # only the file that the run was made with
    truth.folds["casme3/spNO.1"]              # the keys of its clips

``run.json`` holds the file's SHA-256 as a part of the run's identity. The content is looked at all the same: a whole
run may have been made up, and then it must be one that can be scored.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.cohort.splits import fold_columns
from mebench.errors import MebenchError
from mebench.files import read_content

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort

# The largest cohort there is, DFME's 7,526 clips, takes 1 MiB.
_LIMIT = 16 << 20
_COLUMNS = ("key", "dataset", "subject", "fold", "label", "class")


@dataclass(frozen=True)
class Truth:
    """The columns of ``cohort.csv``, name -> a text for each clip."""

    columns: Mapping[str, list[str]]

    @cached_property
    def folds(self) -> dict[str, tuple[str, ...]]:
        """Return fold -> the keys of the clips that it tests; clips of a given training part are in none."""
        found: dict[str, list[str]] = {}
        for column in fold_columns(self.columns):
            for key, fold in zip(self.columns["key"], self.columns[column], strict=True):
                if fold:
                    found.setdefault(fold, []).append(key)
        return {fold: tuple(keys) for fold, keys in found.items()}


def cohort_csv(cohort: Cohort) -> str:
    """Return the truth of a cohort as CSV."""
    columns = ["key", "dataset", "group", *fold_columns(cohort.clips), "label"]
    table = cohort.clips[columns].rename(columns={"group": "subject"})
    names = (*cohort.protocol.classes, "")  # -1, no class, is the last
    table = table.assign(**{"class": [names[label] for label in table["label"]]})
    for column, number in enumerate(cohort.protocol.aus):
        table[f"au{number}"] = [unit if unit != AU_UNKNOWN else "" for unit in cohort.aus[:, column]]
    return str(table.to_csv(index=False, lineterminator="\n"))


def truth_hash(cohort: Cohort) -> str:
    """Return the SHA-256 of the file of :func:`cohort_csv`."""
    return hashlib.sha256(cohort_csv(cohort).encode()).hexdigest()


def refuse_other_truth(path: Path, run: Mapping[str, Any]) -> bytes:
    """Return the bytes of a run's ``cohort.csv``.

    Raises:
        MebenchError: the file is missing, or is not the one that the run was made with.
    """
    try:
        content = read_content(path, limit=_LIMIT)
    except MebenchError as error:
        raise MebenchError(f"{path} is missing or damaged ({error})") from error
    due = run["decided_by"]["truth"]
    if (found := hashlib.sha256(content).hexdigest()) != due:
        raise MebenchError(
            f"{path} is not the one that its run was made with (its SHA-256 is {found[:12]}, and run.json names "
            f"{due[:12]}): restore it"
        )
    return content


def read_truth(path: Path, run: Mapping[str, Any]) -> Truth:
    """Return the truth of a run.

    Args:
        path: of ``cohort.csv``.
        run: the run's description, which agrees with itself.

    Raises:
        MebenchError: see :func:`refuse_other_truth`; or the file cannot be scored with, or ``run.json`` counts
            otherwise.
    """
    content = refuse_other_truth(path, run)
    try:
        truth = Truth(_columns(content.decode("utf-8")))
        _refuse_unsound(truth, run)
    except (ValueError, csv.Error) as error:
        raise MebenchError(f"{path} is missing or damaged ({error})") from error
    if other := count_that_differs(truth, run):
        raise MebenchError(
            f"{path.with_name('run.json')} was changed: the {other} of its cohort are not those of {path.name}; "
            "restore it"
        )
    return truth


def _columns(text: str) -> dict[str, list[str]]:
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True) if text else [[]]
    if missing := [name for name in _COLUMNS if name not in header]:
        raise ValueError(f"it lacks the column {missing[0]!r}")
    if len(set(header)) < len(header):
        raise ValueError("it has a column twice")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, and the header {len(header)}")
    return {name: [row[place] for row in rows] for place, name in enumerate(header)}


def _refuse_unsound(truth: Truth, run: Mapping[str, Any]) -> None:
    """Raise ValueError unless scores can be computed from the truth, and ``run.json`` counts as it does."""
    columns, classes = truth.columns, run["classes"]
    for name in ("key", "dataset", "subject"):
        if not all(columns[name]):
            raise ValueError(f"a clip has no {name}")
    if len(set(columns["key"])) < len(columns["key"]):
        raise ValueError(f"the clip {Counter(columns['key']).most_common(1)[0][0]} is there twice")
    for key, label, name in zip(columns["key"], columns["label"], columns["class"], strict=True):
        number = int(label) if re.fullmatch(r"-1|\d{1,4}", label) else None
        if number not in (range(len(classes)) if classes else (-1,)) or name != (*classes, "")[number]:  # type: ignore[index]
            raise ValueError(f"clip {key} has the class {name!r} of number {label!r}")
    _refuse_odd_folds(truth)
    for unit in run["aus"]:
        if unknown := set(columns.get(f"au{unit}", ["none"])) - {"0", "1", ""}:
            raise ValueError(f"AU{unit} of a clip is {min(unknown)!r}, neither 0 nor 1")
    units = zip(*(columns[f"au{unit}"] for unit in run["aus"]), strict=True)
    if any("" in row and any(row) for row in units):
        raise ValueError("of a clip some action units are coded and others are not")


def count_that_differs(truth: Truth, run: Mapping[str, Any]) -> str:
    """Return what ``run.json`` counts that the truth does not; its counts are no part of the identity."""
    columns, told = truth.columns, run["cohort"]
    classes = Counter(columns["class"])
    found = {
        "clips": len(columns["key"]),
        "subjects": len(set(columns["subject"])),
        "folds": len(truth.folds),
        "repeats": len(fold_columns(columns)),
        "class_counts": {name: classes[name] for name in run["classes"]},
    }
    return next((name for name, value in found.items() if told[name] != value), "")


def _refuse_odd_folds(truth: Truth) -> None:
    columns = truth.columns
    names = fold_columns(columns)
    if missing := [name for name in names if name not in columns]:
        raise ValueError(f"it lacks the column {missing[0]!r}")
    if not truth.folds:
        raise ValueError("no clip is tested")
    tested = list(zip(*(columns[name] for name in names), strict=True))
    if any(any(row) and not all(row) for row in tested):
        raise ValueError("a clip is not tested in every repeat")
    if len(truth.folds) < sum(len(set(columns[name]) - {""}) for name in names):
        raise ValueError("a fold stands in two repeats")

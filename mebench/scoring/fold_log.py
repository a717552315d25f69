"""What training scripts print for each fold: a subject, the predictions and the truth of its clips, without names.

    Subject: sub01
    Predicted    : [0, 2, 0]
    Ground Truth : [0, 2, 1]

or, as one dictionary that Python prints, in whatever stands around it:

    {'sub01': {'pred': [0, 2, 0], 'truth': [0, 2, 1]}, 'sub02': ...}

Which prediction belongs to which clip such a log does not say, and scores need not know: clips of one subject and
one true class are exchangeable in every confusion matrix. So a fold counts where its truth, class by class, is the
cohort's; where it is not, nothing of it can be trusted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.data.clips.matching import NamedClip
from mebench.data.clips.named_rows import class_number, dataset_of, only_dataset, refuse_counting_from_one
from mebench.data.clips.names import ClipIndex
from mebench.data.clips.text_rows import lines_of
from mebench.errors import MebenchError

if TYPE_CHECKING:
    import pandas as pd

_PREDICTED = re.compile(r"\W*(?:best\s+)?(?:predicted|predictions?|preds?|y_pred)\b[^:=\[]*[:=]\s*(.*)", re.I)
_TRUTH = re.compile(
    r"\W*(?:best\s+)?(?:ground[ _-]?truths?|truths?|true labels?|targets?|y_true|gt)\b[^:=\[]*[:=]\s*(.*)",
    re.I,
)
_SUBJECT = re.compile(
    r"\W*(?:fold\s*\d+\W+)?(?:(?:loso|test(?:ing)?|left[ -]out|current)\s+)*sub(?:ject)?"
    r"(?:\s*(?:id|name|no\.?))?\s*[:=\s]\s*['\"]?([\w.\-]+)",
    re.I,
)
_DATASET = re.compile(r"\W*(?:dataset|database)\s*[:=]\s*['\"]?([^'\"]+)", re.I)
_ENTRY = re.compile(r"""(['"])(?P<subject>[\w.\-]+)\1\s*:\s*\{(?P<lists>[^{}]*)\}""")
_LIST = re.compile(r"""(['"])(?P<name>\w+)\1\s*:\s*\[(?P<values>[^\[\]]*)\]""")
_VALUE = re.compile(r"[A-Za-z][\w\-]*|[+-]?\d+(?:\.0*)?(?![\w.])|[^\s,\[\]()'\"]+")
# Trying every renumbering of more classes than this takes too long to be of use.
_MOST_CLASSES = 6

# Row, dataset, subject, and the values as they are written.
_Fold = tuple[int, str, str, dict[str, list[str]]]


@dataclass(frozen=True)
class FoldLines:
    """One fold of a log: class numbers in the order printed; ``dataset`` is empty where the log names none."""

    row: int
    dataset: str
    subject: str
    predicted: tuple[int, ...]
    truth: tuple[int, ...]


def is_fold_log(text: str) -> bool:
    """Tell whether a text has lines of predictions and lines of truth, or a dictionary of both by subject."""
    lines = lines_of(text)
    return any(map(_lists_of, _ENTRY.finditer(text))) or (
        any(map(_PREDICTED.match, lines)) and any(map(_TRUTH.match, lines))
    )


def read_fold_log(
    path: Path, text: str, classes: Sequence[str], spellings: Mapping[str, str]
) -> list[FoldLines]:
    """Read a log of folds; lines that are none of the three are passed over.

    Raises:
        MebenchError: a fold has no subject, or lacks predictions or truth, or has more of one than of the other; or
            a subject comes twice.
    """
    folds = _of_dictionary(path, text, spellings) or _of_lines(path, text, spellings)
    for what in ("predicted", "truth"):
        refuse_counting_from_one(path, (text for *_, each in folds for text in each[what]), classes)
    named: dict[tuple[str, str], int] = {}
    for row, dataset, subject, _ in folds:
        if named.setdefault((dataset, subject), row) != row:
            first = named[dataset, subject]
            raise MebenchError(
                f"{path}, row {row}: {subject} stands in row {first} already; keep one pair a subject"
            )
    return [
        FoldLines(
            row,
            dataset,
            subject,
            *(
                tuple(class_number(text, classes, f"{path}, row {row}, {subject}") for text in each[what])
                for what in ("predicted", "truth")
            ),
        )
        for row, dataset, subject, each in folds
    ]


def _of_lines(path: Path, text: str, spellings: Mapping[str, str]) -> list[_Fold]:
    folds: list[_Fold] = []
    dataset = only_dataset(spellings)
    subject = ""
    lists: dict[str, list[str]] = {}
    for row, line, rest in _statements(text):
        where = f"{path}, row {row}"
        if found := _DATASET.match(line):
            dataset = dataset_of(found[1].strip(), spellings, where)
            continue
        what = "predicted" if _PREDICTED.match(line) else "truth" if _TRUTH.match(line) else ""
        if not what:
            subject_line = _SUBJECT.match(line)
            if subject_line:
                _refuse_half(where, lists)
                subject = subject_line[1]
            continue
        if not subject:
            raise MebenchError(
                f"{where}: no line above says whose clips these are; add one such as 'Subject: sub01'"
            )
        if what in lists:
            raise MebenchError(f"{where}: {subject} has a second list of this kind; keep one pair a subject")
        lists[what] = rest
        if len(lists) == 2:
            if len(lists["predicted"]) != len(lists["truth"]):
                raise _unequal(where, subject, lists)
            folds.append((row, dataset, subject, lists))
            lists = {}
    _refuse_half(f"{path}, last row", lists)
    return folds


def _of_dictionary(path: Path, text: str, spellings: Mapping[str, str]) -> list[_Fold]:
    """Return the folds of a dictionary; none where there is no such thing in the text."""
    folds: list[_Fold] = []
    for entry in _ENTRY.finditer(text):
        if not (lists := _lists_of(entry)):
            continue
        row = text.count("\n", 0, entry.start()) + 1
        if len(lists["predicted"]) != len(lists["truth"]):
            raise _unequal(f"{path}, row {row}", entry["subject"], lists)
        folds.append((row, only_dataset(spellings), entry["subject"], lists))
    return folds


def _lists_of(entry: re.Match[str]) -> dict[str, list[str]]:
    """Return the predictions and the truth of an entry of a dictionary; nothing where it does not hold both."""
    lists = {}
    for found in _LIST.finditer(entry["lists"]):
        said = f"{found['name']}: {found['values']}"
        what = "predicted" if _PREDICTED.match(said) else "truth" if _TRUTH.match(said) else ""
        lists[what] = _VALUE.findall(found["values"])
    return lists if {"predicted", "truth"} <= set(lists) else {}


def _unequal(where: str, subject: str, lists: Mapping[str, Sequence[str]]) -> MebenchError:
    return MebenchError(
        f"{where}: {subject} has {len(lists['predicted'])} predictions and {len(lists['truth'])} true classes; give as "
        "many of both"
    )


def clips_of_folds(
    clips: pd.DataFrame, folds: Sequence[FoldLines], classes: Sequence[str]
) -> list[tuple[NamedClip, int, int]]:
    """Return clip, predicted and true class number for every value of a log, joined by subject and true class.

    ``clips`` is a cohort's table.

    Raises:
        MebenchError: a subject is not clear, or its true classes are not those of the cohort.
    """
    import pandas as pd

    groups = clips.groupby(["dataset", "subject"], sort=False).indices
    people = pd.DataFrame(list(groups), columns=["dataset", "subject"])
    index = ClipIndex(
        people.assign(key=people["subject"], clip="", onset=pd.array([pd.NA] * len(people), "Int64"))
    )
    labels = clips["label"].to_numpy()
    rows_of = [list(rows) for rows in groups.values()]
    counts = [Counter(labels[rows].tolist()) for rows in rows_of]
    found: list[tuple[NamedClip, int, int]] = []
    for fold in folds:
        named = index.find(fold.dataset, fold.subject, "")
        able = [place for place in named if counts[place] == Counter(fold.truth)]
        if len(able) != 1:
            raise MebenchError(_complaint(fold, folds, able, counts, classes, index))
        waiting: dict[int, list[int]] = {}
        for row in rows_of[able[0]]:
            waiting.setdefault(int(labels[row]), []).append(row)
        for predicted, truth in zip(fold.predicted, fold.truth, strict=True):
            clip = clips.iloc[waiting[truth].pop(0)]
            onset = None if pd.isna(clip["onset"]) else int(clip["onset"])
            found.append(
                (NamedClip(fold.row, clip["dataset"], clip["subject"], clip["clip"], onset), predicted, truth)
            )
    return found


def _complaint(
    fold: FoldLines,
    folds: Sequence[FoldLines],
    able: Sequence[int],
    counts: Sequence[Counter[int]],
    classes: Sequence[str],
    index: ClipIndex,
) -> str:
    where = f"row {fold.row}, subject {fold.subject}"
    if len(able) > 1:
        return f"{where}, is one of {len(able)} subjects; add a line such as 'Dataset: samm' above"
    known = index.find(fold.dataset, fold.subject, "")
    if not known:
        return f"{where}, is none whose clips the cohort tests; correct or remove its lines"
    order = _renumbering(folds, counts, len(classes), index)
    if order:
        told = ", ".join(f"{given} for {classes[own]}" for given, own in enumerate(order))
        return (
            f"the file numbers its classes otherwise: with {told} the truth of every subject is the cohort's; write "
            "the classes' names"
        )
    ours = _in_words(counts[known[0]], classes)
    return f"{where}, has the true classes {_in_words(Counter(fold.truth), classes)}, and the cohort {ours}; correct it"


def _renumbering(
    folds: Sequence[FoldLines], counts: Sequence[Counter[int]], classes: int, index: ClipIndex
) -> tuple[int, ...] | None:
    """Return for each number of the file the cohort's, where exactly one order makes all truths the cohort's."""
    if classes > _MOST_CLASSES:
        return None
    able = [index.find(fold.dataset, fold.subject, "") for fold in folds]
    fits = [
        order
        for order in permutations(range(classes))
        if all(
            any(counts[place] == Counter(order[number] for number in fold.truth) for place in places)
            for fold, places in zip(folds, able, strict=True)
        )
    ]
    return fits[0] if len(fits) == 1 else None


def _in_words(counts: Counter[int], classes: Sequence[str]) -> str:
    return (
        ", ".join(f"{counts[number]} {name}" for number, name in enumerate(classes) if counts[number])
        or "none"
    )


def _statements(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield row, line and values of each statement; an array that goes over several lines is one."""
    lines: Iterable[tuple[int, str]] = enumerate(lines_of(text), start=1)
    remaining = iter(lines)
    for row, line in remaining:
        found = _PREDICTED.match(line) or _TRUTH.match(line)
        values = found[1] if found else ""
        while values.count("[") > values.count("]"):
            more = next(remaining, None)
            if more is None:
                break
            values += " " + more[1]
        if "[" in values:
            values = values[values.index("[") :].partition("]")[0]
        yield row, line, [value.rstrip(".") for value in _VALUE.findall(values)] if found else []


def _refuse_half(where: str, lists: Mapping[str, object]) -> None:
    if lists:
        there, gone = ("predictions", "truth") if "predicted" in lists else ("truth", "predictions")
        raise MebenchError(f"{where}: the subject above has {there} and no {gone}; give both")

"""A stored result held against its labels: its predictions are scored again, and every figure compared.

pooled = pooled_of(result, columns)              # as a run directory gives it
for problem in problems_labelled(result, columns): print(problem)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import compress
from typing import Any

from mebench.cohort.splits import fold_columns
from mebench.errors import first_few
from mebench.evidence.digests import sealed
from mebench.leaderboard.results.counted import same_figures
from mebench.leaderboard.results.made import right_by_subject
from mebench.leaderboard.results.schema import Result
from mebench.run_info import RecordedPrediction
from mebench.scoring.rebuild import Columns, Pooled, scores_of
from mebench.scoring.schema import Scores

_LISTED = 6
_NOTHING = "not there"


class _Absent:
    """Stands for a figure that one of two sets of scores lacks."""


def problems_labelled(result: Result, columns: Columns) -> list[str]:
    """Return what in a result its predictions and the labels do not give.

    Args:
        result: one that agrees with itself (:mod:`.alone`).
        columns: those of ``cohort.csv``.
    """
    if found := list(_of_clips(result, columns)):
        return found
    pooled = pooled_of(result, columns)
    found = list(_of_scores(result["scores"], scores_of(pooled)))
    if "subjects" in result:
        due = right_by_subject(pooled)
        wrong = [
            name
            for name in {**due, **result["subjects"]}
            if not same_figures(result["subjects"].get(name), due.get(name))
        ]
        if wrong:
            found.append(f"subjects.{wrong[0]} is not what predictions and labels give{_more(len(wrong), 1)}")
    return found


def pooled_of(result: Result, columns: Columns) -> Pooled:
    """Return a result's predictions beside the truth, as :mod:`mebench.scoring.rebuild` has those of a run."""
    tested = _tested(columns)
    repeats = fold_columns(tested)
    run = result["run"]
    sets = [(seed, column) for seed in run["seeds"] for column in repeats]
    numbers = list(range(len(sets))) if len(repeats) > 1 else run["seeds"]
    rows: dict[int, dict[str, RecordedPrediction]] = {number: {} for number in numbers}
    units = result.get("aus", {})
    for key, answers in result["predictions"].items():
        for place, number in enumerate(numbers):
            row: RecordedPrediction = {"clip": key, "probabilities": answers[place]}
            if key in units:
                row["aus"] = units[key][place]
            rows[number][key] = row
    scores: Mapping[str, Any] = result["scores"]
    trust = {name: scores[name] for name in ("isolation", "checks") if name in scores}
    return Pooled(
        run={**run, "checksum": ""},  # type: ignore[typeddict-item]
        columns=tested,
        repeats=len(repeats),
        folds={number: tested[column] for number, (_, column) in zip(numbers, sets, strict=True)},
        rows=rows,
        trust=trust,
    )


def scored_anew(result: Result, columns: Columns) -> Result:
    """Return a result with the figures that this version of mebench computes of the same predictions."""
    pooled = pooled_of(result, columns)
    content = {name: value for name, value in result.items() if name != "checksum"}
    content["scores"] = scores_of(pooled)
    if "subjects" in result:
        content["subjects"] = right_by_subject(pooled)
    renewed: Result = sealed(content)  # type: ignore[assignment]
    return renewed


def renewable(result: Result, columns: Columns) -> bool:
    """Tell whether only bounds differ from what this version computes, and figures that the result lacks."""
    if any(_of_clips(result, columns)):
        return False
    pooled = pooled_of(result, columns)
    wrong = [
        each for each in _unlike("scores", result["scores"], scores_of(pooled)) if not _is_bound(each[0])
    ]
    shares = "subjects" not in result or same_figures(
        dict(result["subjects"]), dict(right_by_subject(pooled))
    )
    return shares and all(one == _NOTHING for _, one, _ in wrong)


def _tested(columns: Columns) -> Columns:
    tested = [fold != "" for fold in columns["fold"]]
    return {name: list(compress(cells, tested)) for name, cells in columns.items()}


def _of_clips(result: Result, columns: Columns) -> Iterator[str]:
    due, there = set(_tested(columns)["key"]), set(result["predictions"])
    if missing := sorted(due - there):
        yield f"predictions lack {len(missing)} of {len(due)} clips ({first_few(missing)}): incomplete"
    if unknown := sorted(there - due):
        yield f"predictions.{unknown[0]} is no clip that the protocol tests{_more(len(unknown), 1)}"
    repeats = len(fold_columns(columns))
    if repeats != result["run"]["cohort"]["repeats"]:
        yield f"run.cohort.repeats is {result['run']['cohort']['repeats']}, and the split has {repeats}"


def _of_scores(stored: Scores, due: Scores) -> Iterator[str]:
    """Yield what differs: how intervals are made first, for then none of them can be the same."""
    if stored.get("bootstrap") != due.get("bootstrap"):
        yield (
            f"scores.bootstrap is {stored.get('bootstrap')}, and this version of mebench makes intervals by "
            f"{due.get('bootstrap')}: whoever has the labels renews the figures with --renew"
        )
    wrong = list(_unlike("scores", stored, due))
    bounds = [each for each in wrong if _is_bound(each[0])]
    for where, one, other in bounds[:_LISTED]:
        yield f"{where} is {one}, and the predictions give {other}"
    others = [each for each in wrong if each not in bounds]
    for where, one, other in others[:_LISTED]:
        yield f"{where} is {one}, and predictions and labels give {other}"
    if (left := max(0, len(bounds) - _LISTED) + max(0, len(others) - _LISTED)) > 0:
        yield f"scores differ from what predictions and labels give in {left} more figures"


def _unlike(where: str, one: Any, other: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the place of each figure that differs, and both."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in [*one, *(name for name in other if name not in one)]:
            if name != "bootstrap":
                yield from _unlike(f"{where}.{name}", one.get(name, _Absent), other.get(name, _Absent))
    elif not same_figures(one, other):
        yield where, _said(one), _said(other)


def _said(figure: Any) -> str:
    return _NOTHING if figure is _Absent else repr(figure)[:60]


def _is_bound(where: str) -> bool:
    return where.endswith((".low", ".high"))


def _more(count: int, told: int) -> str:
    return f" (and {count - told} more)" if count > told else ""

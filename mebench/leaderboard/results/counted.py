"""The figures of a stored result, computed again from its confusion matrices, and these held against its predictions.

``counted_otherwise(result)`` needs no label: what a model said of how many clips is in the predictions, so each column
of a confusion matrix has to have that sum; every figure but the intervals follows from the matrices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mebench.leaderboard.results.schema import Result
from mebench.scoring import metrics
from mebench.scoring.schema import ClassBlock, Scores
from mebench.scoring.summaries import spread

# Of figures that another numpy added up in another order.
_SAME = 1e-9
_OVERALL = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}
_BY_CLASS = {"f1": metrics.f1, "recall": metrics.recall, "precision": metrics.precision}


def counted_otherwise(result: Result) -> Iterator[str]:
    """Yield each figure of the scores that the result's own predictions and confusion matrices do not give."""
    run, scores = result["run"], result["scores"]
    if scores["classes"] != run["classes"]:
        yield f"scores.classes are {scores['classes']}, and run.classes {run['classes']}"
        return
    if not run["classes"]:
        return
    if missing := [name for name in ClassBlock.__annotations__ if name not in scores]:
        yield f"scores lack {missing[0]}"
        return
    told = {key: np.array(rows).argmax(axis=1) for key, rows in result["predictions"].items()}
    datasets = sorted({key.partition("/")[0] for key in told})
    wrong = [*_of_block("scores", scores, list(told.values()), run["classes"])]
    blocks: Mapping[str, ClassBlock] = scores.get("per_dataset", {})
    if sorted(blocks) != (datasets if len(datasets) > 1 else []):
        wrong.append(f"scores.per_dataset is of {sorted(blocks)}, and the clips are of {datasets}")
    for name, block in blocks.items():
        of_dataset = [answer for key, answer in told.items() if key.startswith(f"{name}/")]
        wrong += _of_block(f"scores.per_dataset.{name}", block, of_dataset, run["classes"])
    yield from wrong
    if not wrong:
        yield from _of_parts(scores, blocks)
        yield from _of_cohort(run["cohort"], scores, len(told))
    yield from _of_subjects(result, told)


def _of_block(where: str, block: Any, told: Sequence[np.ndarray], names: Sequence[str]) -> Iterator[str]:
    """Yield what in one block of scores does not follow from its matrices, or is not what was predicted."""
    classes = len(names)
    per_seed = block["confusion"]["per_seed"]
    shape = (len(told[0]) if told else 0, classes, classes)
    try:
        matrices = np.array(per_seed, dtype=np.int64)
    except ValueError:  # not of one shape
        matrices = np.empty(0, np.int64)
    if matrices.shape != shape or (matrices < 0).any():
        yield f"{where}.confusion.per_seed is no {shape[0]} matrices of {classes} x {classes} counts"
        return
    predicted = np.array([np.bincount(each, minlength=classes) for each in np.array(told).T])
    for number in np.flatnonzero((matrices.sum(axis=1) != predicted).any(axis=1)):
        yield (
            f"{where}.confusion.per_seed.{number} has the column sums {matrices[number].sum(axis=0).tolist()}, and the "
            f"predictions say these classes {predicted[number].tolist()} times"
        )
    support = matrices.sum(axis=2)
    if (support != support[0]).any():
        yield f"{where}.confusion.per_seed has other row sums in one set than in another"
    if block["confusion"]["sum"] != matrices.sum(axis=0).tolist():
        yield f"{where}.confusion.sum is not the sum of the matrices"
    if block["clips"] != support[0].sum():
        yield f"{where}.clips is {block['clips']}, and the matrices count {support[0].sum()}"
    yield from _figures(where, block, matrices, names)


def _figures(where: str, block: Any, matrices: np.ndarray, names: Sequence[str]) -> Iterator[str]:
    for name, metric in _OVERALL.items():
        due = spread(metric(matrices))
        for part in ("mean", "sd", "per_seed"):
            if not same_figures(block[name][part], due[part]):  # type: ignore[literal-required]
                yield f"{where}.{name}.{part} is {_shown(block[name][part])}, and the matrices give {_shown(due[part])}"  # type: ignore[literal-required]
        low, high = block[name]["low"], block[name]["high"]
        if (low is None) != (high is None) or (low is not None and not -_SAME <= low <= high <= 1 + _SAME):
            yield f"{where}.{name}: {_shown(low)} to {_shown(high)} is no interval of shares"
    support = matrices[0].sum(axis=1)
    if sorted(block["per_class"]) != sorted(names):
        yield f"{where}.per_class is of {sorted(block['per_class'])}, and the classes are {sorted(names)}"
        return
    for number, label in enumerate(names):
        of_class = block["per_class"][label]
        if of_class["support"] != support[number]:
            counted = f"the matrices count {support[number]}"
            yield f"{where}.per_class.{label}.support is {of_class['support']}, and {counted}"
        for name, metric in _BY_CLASS.items():
            if not same_figures(of_class[name], spread(metric(matrices)[:, number])):
                yield f"{where}.per_class.{label}.{name} is not what the matrices give"
    majority = np.zeros_like(matrices[0])
    majority[:, support.argmax()] = support
    chance = {"uar": 1 / len(support), "uf1_majority": float(metrics.uf1(majority))}
    if not same_figures(block["chance"], chance):
        yield f"{where}.chance is {block['chance']}, and the class counts give {chance}"


def _of_parts(scores: Scores, blocks: Mapping[str, ClassBlock]) -> Iterator[str]:
    """Yield where the datasets together are not the whole."""
    if not blocks:
        return
    whole = np.array(scores["confusion"]["per_seed"])
    parts = np.sum([block["confusion"]["per_seed"] for block in blocks.values()], axis=0)
    if (whole != parts).any():
        yield "scores.confusion.per_seed is not the sum of those of the datasets (scores.per_dataset)"
    if scores["subjects"] != sum(block["subjects"] for block in blocks.values()):
        yield f"scores.subjects is {scores['subjects']}, not the sum of those of the datasets"


def _of_cohort(cohort: Mapping[str, Any], scores: Scores, clips: int) -> Iterator[str]:
    """Yield where the true classes are not those of the cohort; where some clips are only trained on, at most those."""
    whole = clips == cohort["clips"]
    for name, of_class in scores["per_class"].items():
        support, due = of_class["support"], cohort["class_counts"].get(name, 0)
        if support > due or (whole and support != due):
            yield f"scores.per_class.{name}.support is {support}, and run.cohort.class_counts says {due}"
    if whole and scores["subjects"] != cohort["subjects"]:
        yield f"scores.subjects is {scores['subjects']}, and run.cohort.subjects {cohort['subjects']}"


def _of_subjects(result: Result, told: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Yield where the subjects' shares do not agree with their clips or with the accuracy."""
    if (subjects := result.get("subjects")) is None:
        return
    scores, sets = result["scores"], len(next(iter(told.values())))
    if len(subjects) != scores["subjects"]:
        yield f"subjects are {len(subjects)}, and scores.subjects {scores['subjects']}"
    clips: dict[str, int] = dict.fromkeys(subjects, 0)
    for key in told:
        subject = "/".join(key.split("/")[:2])
        if subject not in clips:
            yield f"subjects lack {subject}, whose clip {key} is predicted"
            return
        clips[subject] += 1
    right: dict[str, float] = {}
    for name, of_subject in subjects.items():
        answers = of_subject["right"] * clips[name] * sets
        if of_subject["clips"] != clips[name]:
            yield f"subjects.{name}.clips is {of_subject['clips']}, and {clips[name]} are predicted"
        elif not 0 <= of_subject["right"] <= 1 or abs(answers - round(answers)) > 1e-6:
            yield f"subjects.{name}.right is {of_subject['right']}, no share of {clips[name] * sets} answers"
        for part in ("", name.partition("/")[0]):
            right[part] = right.get(part, 0.0) + answers
    for part, block in {"": scores, **scores.get("per_dataset", {})}.items():
        due = np.trace(block["confusion"]["sum"]) if "confusion" in block else 0
        if abs(right.get(part, 0.0) - due) > 1e-6 * max(1, due):
            where = f" in {part}" if part else ""
            yield f"subjects have {right.get(part, 0.0):g} right answers together{where}, and the matrices {due}"


def same_figures(one: Any, other: Any) -> bool:
    """Tell whether figures are the same, up to what an order of adding makes of the last digits."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_figures(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_figures, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=0, abs_tol=_SAME)
    return bool(one == other)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.4f}" if isinstance(value, float) else str(value)

"""The field's metrics, from confusion matrices and for any number of matrices at once.

Counting comes first (``confusion``, ``grouped_confusion``, ``au_confusion``), then every metric is a
function of an array of shape ``(..., C, C)`` (row truth, column prediction) and returns ``(...)`` or, per
class, ``(..., C)``. Folds, subjects, seeds and bootstrap replicates are leading axes, and pooling over one
of them is a sum:

>>> counts = confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), classes=3)
>>> round(float(uf1(counts)), 4), round(float(uar(counts)), 4)
(0.7778, 0.8333)

UF1 and UAR are those of MEGC2019 (See et al., "MEGC 2019 - The Second Facial Micro-Expressions Grand
Challenge", FG 2019): true and false positives are summed over ALL folds before any ratio is taken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError

Counts = npt.NDArray[np.number[Any]]
Floats = npt.NDArray[np.float64]


def confusion(truth: npt.ArrayLike, predicted: npt.ArrayLike, classes: int) -> npt.NDArray[np.int64]:
    """Count class numbers ``(n,)`` against ``(n,)``: ``(C, C)`` int64, row truth, column prediction.

    Raises MebenchError where a class number is outside ``0 .. classes - 1``.
    """
    truth = np.asarray(truth)
    counts = grouped_confusion(truth, predicted, classes, np.zeros(truth.shape, np.int64), 1)
    return counts.reshape(classes, classes)


def grouped_confusion(
    truth: npt.ArrayLike, predicted: npt.ArrayLike, classes: int, groups: npt.ArrayLike, count: int
) -> npt.NDArray[np.int64]:
    """Count each group (a fold, a subject) by itself: ``(count, C, C)`` int64.

    ``groups`` ``(n,)`` numbers the groups ``0 .. count - 1``; one without a clip is all zeros. Raises
    MebenchError where a class or group number is out of range.
    """
    rows = _numbers(truth, classes, "the true class")
    columns = _numbers(predicted, classes, "the predicted class")
    places = _numbers(groups, count, "the group")
    if not rows.shape == columns.shape == places.shape:
        raise MebenchError(
            f"truth, prediction and groups have shapes {rows.shape}, {columns.shape} and {places.shape}: "
            "give one number a clip in each"
        )
    cells = (places * classes + rows) * classes + columns
    counts = np.bincount(cells.ravel(), minlength=count * classes * classes)
    return counts.reshape(count, classes, classes).astype(np.int64)


def accuracy(confusions: Counts) -> Floats:
    """Share of clips on the diagonal, ``(...)``; NaN without clips."""
    hits = np.trace(confusions, axis1=-2, axis2=-1)
    return _ratio(hits, confusions.sum(axis=(-2, -1)))


def recall(confusions: Counts) -> Floats:
    """Share of each class that was found, ``(..., C)``; NaN for a class that truth lacks."""
    return _ratio(_diagonal(confusions), confusions.sum(axis=-1))


def precision(confusions: Counts) -> Floats:
    """Share of each class's predictions that hold, ``(..., C)``; NaN for a class never predicted."""
    return _ratio(_diagonal(confusions), confusions.sum(axis=-2))


def f1(confusions: Counts) -> Floats:
    """2 TP / (2 TP + FP + FN), ``(..., C)``; NaN for a class in neither truth nor prediction."""
    return _ratio(2 * _diagonal(confusions), confusions.sum(axis=-1) + confusions.sum(axis=-2))


def uf1(confusions: Counts) -> Floats:
    """Unweighted F1, ``(...)``: mean F1 of the classes that occur in truth or prediction.

    Equals scikit-learn's ``f1_score(average="macro", zero_division=nan)``.
    """
    return _mean_of_known(f1(confusions))


def uar(confusions: Counts) -> Floats:
    """Unweighted average recall, ``(...)``: mean recall of the classes that occur in truth."""
    return _mean_of_known(recall(confusions))


class FoldMeans(NamedTuple):
    """Means over folds of each fold's own metric: a frequent way of reporting that is NOT MEGC2019's.

    A fold is one subject, who often shows one or two of the classes, so these may lie far from the
    pooled values. They stand here for comparison with papers that report them.
    """

    uf1: Floats
    uar: Floats
    accuracy: Floats


def per_fold_means(fold_confusions: Counts) -> FoldMeans:
    """Metrics of each fold of ``(..., F, C, C)``, over the classes in that fold, averaged to ``(...)``.

    A class missing from a fold does not count there, as when scikit-learn sees that fold alone.
    """
    return FoldMeans(*(_mean_of_known(metric(fold_confusions)) for metric in (uf1, uar, accuracy)))


def au_confusion(
    truth: npt.ArrayLike,
    predicted: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    count: int = 1,
) -> npt.NDArray[np.int64]:
    """Count present (1) and absent (0) action units ``(n, K)``: ``(count, K, 2, 2)`` int64.

    ``groups`` ``(n,)`` numbers groups as in :func:`grouped_confusion`; without it all clips are group 0.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.ndim != 2 or truth.shape != predicted.shape:
        raise MebenchError(
            f"AU truth and prediction have shapes {truth.shape} and {predicted.shape}: "
            "give one row a clip and one column an action unit in both"
        )
    clips, units = truth.shape
    places = np.zeros(clips, np.int64) if groups is None else _numbers(groups, count, "the group")
    cells = places[:, None] * units + np.arange(units)
    return grouped_confusion(truth, predicted, 2, cells, count * units).reshape(count, units, 2, 2)


def au_occurs(confusions: Counts) -> npt.NDArray[np.bool_]:
    """Which action units have a positive example in truth: ``(..., K, 2, 2)`` to ``(..., K)``."""
    occurs: npt.NDArray[np.bool_] = confusions[..., 1, :].sum(axis=-1) > 0
    return occurs


def au_f1(confusions: Counts) -> Floats:
    """F1 of each action unit's presence, ``(..., K)``; NaN for one that never occurs in truth."""
    return np.where(au_occurs(confusions), f1(confusions)[..., 1], np.nan)


def au_f1_macro(confusions: Counts) -> Floats:
    """Mean F1 of presence and absence, ``(..., K)``; NaN for an AU that never occurs in truth."""
    return np.where(au_occurs(confusions), uf1(confusions), np.nan)


def mean_au_f1(confusions: Counts) -> Floats:
    """Mean :func:`au_f1` of the action units that occur in truth, ``(...)``."""
    return _mean_of_known(au_f1(confusions))


def mean_au_f1_macro(confusions: Counts) -> Floats:
    """Mean :func:`au_f1_macro` of the action units that occur in truth, ``(...)``."""
    return _mean_of_known(au_f1_macro(confusions))


def _numbers(values: npt.ArrayLike, limit: int, what: str) -> npt.NDArray[np.int64]:
    given = np.asarray(values)
    numbers = given.astype(np.int64)
    wrong = (numbers < 0) | (numbers >= limit) | (numbers != given)
    if wrong.any():
        raise MebenchError(f"{what} number {given[wrong].flat[0]} is not one of 0 to {limit - 1}")
    return numbers


def _diagonal(confusions: Counts) -> Counts:
    return np.diagonal(confusions, axis1=-2, axis2=-1)


def _ratio(part: Counts, whole: Counts) -> Floats:
    ratio = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=ratio, where=np.asarray(whole) > 0)
    return ratio


def _mean_of_known(values: Floats) -> Floats:
    """Mean over the last axis without the NaN; NaN where nothing is known."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))

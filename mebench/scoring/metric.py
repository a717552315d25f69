"""A plugin's own figure of a run's predictions, with an interval over the subjects that the built-in scores draw.

    class Brier(Metric):
        def __call__(self, labels, probabilities):
            return float(((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1).mean())

    score_metrics(registry, ("brier",), read_predictions(directory))

It is computed from the records when it is asked for; ``scores.json`` never holds it, so that scores can be
rebuilt where the plugin is not installed.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError, reason_of
from mebench.plugin.given import loaded_class
from mebench.plugin.registry import Registry
from mebench.scoring import draws, intervals
from mebench.scoring.metrics import Floats
from mebench.scoring.percentiles import expanded_percentiles
from mebench.scoring.predictions import Clips, read_class_numbers, read_clips, read_probabilities
from mebench.scoring.rebuild import Pooled
from mebench.scoring.schema import MetricScore, Scored
from mebench.scoring.summaries import plain, spread


class Metric(ABC):
    """One figure of the pooled predictions of all folds, for ``mebench show RUN --metric NAME``.

    Attributes:
        share: whether it is between 0 and 1 (or -1 and 1) and shown in percent, as the built-in scores are.
    """

    share: ClassVar[bool] = True

    @abstractmethod
    def __call__(self, labels: npt.NDArray[np.int64], probabilities: Floats) -> float:
        """Return the figure for class numbers ``(n,)`` and probabilities ``(n, classes)``.

        It is called some thousand times with clips drawn by subject, so a class may be missing: return NaN where it
        is not defined, and that draw does not count. :func:`predicted` gives the predicted classes.
        """


def predicted(probabilities: Floats) -> npt.NDArray[np.int64]:
    """Return the class that counts as predicted, ``(n, classes)`` to ``(n,)``: among equals the first."""
    chosen: npt.NDArray[np.int64] = probabilities.argmax(axis=1)
    return chosen


def metric_class(registry: Registry, name: str) -> type[Metric]:
    """Return the class of a registered metric.

    Raises:
        MebenchError: nothing has that name, or it is no metric.
    """
    return loaded_class(registry.get("metric", name), Metric)  # type: ignore[type-abstract]


def score_metrics(registry: Registry, names: Iterable[str], pooled: Pooled) -> dict[str, MetricScore]:
    """Return the scores of registered metrics by name; see :func:`metric_score`.

    Raises:
        MebenchError: nothing has that name, it is no metric, or it fails.
    """
    kinds = {name: metric_class(registry, name) for name in dict.fromkeys(names)}
    return {name: metric_score(_made(kind, name), name, pooled) for name, kind in kinds.items()}


def _made(kind: type[Metric], name: str) -> Metric:
    try:
        return kind()
    except Exception as error:
        raise MebenchError(f"metric {name!r} cannot be made: {reason_of(error)}") from error


def metric_score(
    metric: Metric,
    name: str,
    pooled: Pooled,
    *,
    replicates: int = intervals.REPLICATES,
    seed: int = draws.SEED,
) -> MetricScore:
    """Return a metric's spread over training seeds (and repeats) and its bounds, of all clips and by dataset.

    The bounds come of the same draws of subjects as those of :func:`mebench.scoring.scores.score`, by expanded
    percentiles (:mod:`mebench.scoring.percentiles`), since nothing is known of a metric but its value.

    Raises:
        MebenchError: the protocol has no classes, or the metric fails or gives no number.
    """
    if not pooled.classes:
        raise MebenchError(f"metric {name!r} is of classes, and the protocol asks for action units alone")
    clips = read_clips(**pooled.clips)
    labels = read_class_numbers(clips.keys, pooled.truth, len(pooled.classes))
    probabilities = read_probabilities(clips.keys, pooled.predictions, len(pooled.classes))[1]

    def block(members: npt.NDArray[np.int64]) -> Scored:
        return _scored(metric, name, clips, labels, probabilities, members, replicates, seed)

    names = sorted(set(clips.strata))
    return {
        **block(np.arange(len(clips.strata))),
        "share": metric.share,
        "per_dataset": {each: block(clips.of_dataset(each)) for each in names} if len(names) > 1 else {},
    }


def _scored(
    metric: Metric,
    name: str,
    clips: Clips,
    labels: npt.NDArray[np.int64],
    probabilities: Floats,
    members: npt.NDArray[np.int64],
    replicates: int,
    seed: int,
) -> Scored:
    def of(rows: npt.NDArray[np.int64]) -> Floats:
        return np.array([_value(metric, name, labels[rows], each[rows]) for each in probabilities])

    of_subject = [np.flatnonzero(clips.subject == member) for member in members]
    low = high = math.nan
    strata = [clips.strata[member] for member in members]
    if len(strata) >= len(set(strata)) + 2:  # else nothing can be told
        weights = draws.subject_weights(strata, replicates, seed)
        drawn = [
            of(
                np.concatenate(
                    [rows for rows, times in zip(of_subject, draw, strict=True) for _ in range(times)]
                )
            )
            for draw in weights
        ]
        values = np.array(drawn).mean(axis=1)
        low, high = expanded_percentiles(values, len(strata), len(set(strata)), intervals.LEVEL)
    return {**spread(of(np.concatenate(of_subject))), "low": plain(low), "high": plain(high)}


def _value(metric: Metric, name: str, labels: npt.NDArray[np.int64], probabilities: Floats) -> float:
    try:
        value: Any = metric(labels, probabilities)
    except Exception as error:
        raise MebenchError(
            f"metric {name!r} failed on {len(labels)} clips of {len(np.unique(labels))} classes ({reason_of(error)}): "
            "where it is not defined, it must return NaN"
        ) from error
    try:
        if isinstance(value, (bool, str)) or np.ndim(value):
            raise TypeError
        return float(value)
    except (TypeError, ValueError) as error:
        raise MebenchError(f"metric {name!r} gave {type(value).__name__} where one number is due") from error

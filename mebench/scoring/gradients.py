"""How much a metric moves with each cell of a confusion matrix: what its linearised standard error is made of.

    values, slopes = with_gradient(metrics.uf1, counts)       # counts (n, seeds, C, C)

A metric M of counts N is near M(N) plus the sum of its slopes times what is added to each cell; a subject's part in it
is the sum over its own cells (its *influence*). The slopes of the built-in metrics are written out; those of any other
function of confusions are found by adding to each cell in turn, but empty ones.

Reference: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, 1997, section 2.7.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mebench.scoring import metrics
from mebench.scoring.metrics import Counts, Floats

Metric = Callable[[Counts], Floats]
# A power of two, so that adding it to a count is exact.
_STEP = 2.0**-13


def with_gradient(metric: Metric, counts: Floats) -> tuple[Floats, Floats]:
    """Return a metric's mean over seeds, ``(n,)``, and its slopes ``(n, seeds, ...)`` at ``counts``.

    A metric maps ``(n, seeds, ...)`` to ``(n, seeds)``. Slopes are 0 where the metric is not known.
    """
    values: Floats = metric(counts).mean(axis=1)
    known = _GRADIENTS.get(metric)
    if known is not None:
        return values, known(counts) / counts.shape[1]
    slopes = np.zeros(counts.shape)
    for place in np.ndindex(counts.shape[1:]):
        cell = (slice(None), *place)
        moved = counts.copy()
        moved[cell] += _STEP
        slopes[cell] = (metric(moved).mean(axis=1) - values) / _STEP
    # An empty cell may bring a class in, which is a jump; nobody's influence is made of it.
    return values, np.where(counts > 0, np.nan_to_num(slopes), 0.0)


def uf1_gradient(confusions: Counts) -> Floats:
    """Slopes of :func:`mebench.scoring.metrics.uf1`, ``(..., C, C)``."""
    return _of_f1(confusions, _shares(confusions.sum(axis=-1) + confusions.sum(axis=-2) > 0))


def uar_gradient(confusions: Counts) -> Floats:
    """Slopes of :func:`mebench.scoring.metrics.uar`, ``(..., C, C)``."""
    shown = confusions.sum(axis=-1)
    each = _divided(_shares(shown > 0), shown)
    slopes = np.repeat(
        (-each * np.nan_to_num(metrics.recall(confusions)))[..., None], shown.shape[-1], axis=-1
    )
    return _with_diagonal(slopes, each)


def accuracy_gradient(confusions: Counts) -> Floats:
    """Slopes of :func:`mebench.scoring.metrics.accuracy`, ``(..., C, C)``."""
    each = _divided(1.0, confusions.sum(axis=(-2, -1)))
    off = -each * np.nan_to_num(metrics.accuracy(confusions))
    slopes = np.broadcast_to(off[..., None, None], confusions.shape).copy()
    return _with_diagonal(slopes, each[..., None])


def mean_au_f1_gradient(confusions: Counts) -> Floats:
    """Slopes of :func:`mebench.scoring.metrics.mean_au_f1`, ``(..., K, 2, 2)``."""
    share = _shares(metrics.au_occurs(confusions))
    return _of_f1(confusions, np.stack([np.zeros_like(share), share], axis=-1))


def mean_au_f1_macro_gradient(confusions: Counts) -> Floats:
    """Slopes of :func:`mebench.scoring.metrics.mean_au_f1_macro`, ``(..., K, 2, 2)``."""
    known = _shares(confusions.sum(axis=-1) + confusions.sum(axis=-2) > 0)
    return _of_f1(confusions, known * _shares(metrics.au_occurs(confusions))[..., None])


_GRADIENTS: dict[Metric, Callable[[Counts], Floats]] = {
    metrics.uf1: uf1_gradient,
    metrics.uar: uar_gradient,
    metrics.accuracy: accuracy_gradient,
    metrics.mean_au_f1: mean_au_f1_gradient,
    metrics.mean_au_f1_macro: mean_au_f1_macro_gradient,
}


def _of_f1(confusions: Counts, share: Floats) -> Floats:
    """Slopes of the sum of the classes' F1, each times its share ``(..., C)``: 2 TP / D moves by its parts."""
    both = confusions.sum(axis=-1) + confusions.sum(axis=-2)
    each = _divided(share, both)
    off = -each * np.nan_to_num(metrics.f1(confusions))
    return _with_diagonal(off[..., :, None] + off[..., None, :], 2 * each)


def _with_diagonal(slopes: Floats, more: Floats) -> Floats:
    place = np.arange(slopes.shape[-1])
    slopes[..., place, place] += more
    return slopes


def _shares(known: npt.NDArray[np.bool_]) -> Floats:
    """Return what each known one counts in their mean over the last axis, 0 for the others."""
    return _divided(known.astype(np.float64), known.sum(axis=-1, keepdims=True))


def _divided(part: Floats | float, whole: Counts) -> Floats:
    result = np.zeros(np.broadcast_shapes(np.shape(part), np.shape(whole)))
    np.divide(part, whole, out=result, where=np.broadcast_to(whole > 0, result.shape))
    return result

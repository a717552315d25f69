"""The scores of one run: plain arrays in, one nested dict of Python numbers out, ready for JSON.

>>> scores = score(
...     keys=["a", "b", "c"], truth=[0, 1, 1], subjects=["1", "2", "3"], datasets=["smic"] * 3,
...     folds=["1", "2", "3"], classes=["negative", "positive"],
...     predictions={7: [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]},
... )
>>> scores["uf1"]["mean"], scores["confusion"]["sum"]
(0.6666666666666666, [[1, 0], [1, 1]])

Schema (a *spread* is ``{"mean", "sd", "per_seed"}`` with ``per_seed`` in the order of ``seeds``; a *scored*
value is a spread with the bounds ``low`` and ``high``; see :mod:`mebench.scoring.summaries`):

========================  =============================================================================
clips, subjects           how many; a subject counts per dataset
folds, seeds, classes     how many folds; the training seeds, sorted; the class names
repeats                   of a repeated split alone: how many; ``per_seed`` then holds each repeat of each seed
uf1, uar, accuracy        scored, pooled over all folds
per_class                 class name to ``{"support", "f1", "recall", "precision"}``, the last three spreads
confusion                 ``{"sum", "per_seed"}``, rows truth, columns prediction; ``sum`` adds the seeds
chance                    ``{"uar": 1 / C, "uf1_majority"}``: guessing, and the most frequent class always
per_dataset               dataset to a dict of all the above but folds, seeds and classes; empty for one
per_fold_means            ``{"uf1", "uar", "accuracy"}`` spreads: means of the folds' own values
bootstrap                 ``{"method", "level", "replicates", "seed"}`` of the bounds
au                        what :mod:`mebench.scoring.au_scores` gives; missing without action units
========================  =============================================================================

A value that is not known (the precision of a class never predicted, bounds from one subject) is null.
Nothing depends on the order of the clips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mebench.scoring import draws, intervals, metrics
from mebench.scoring.au_scores import au_scores
from mebench.scoring.metrics import Counts
from mebench.scoring.predictions import (
    natural_order,
    one_each,
    read_class_numbers,
    read_clips,
    read_probabilities,
)
from mebench.scoring.schema import Scores
from mebench.scoring.summaries import scored, settings, spread, with_datasets


def score(
    *,
    keys: Sequence[str],
    truth: npt.ArrayLike,
    subjects: Sequence[str],
    datasets: Sequence[str],
    folds: Sequence[str | int] | Mapping[int, Sequence[str | int]],
    classes: Sequence[str],
    predictions: Mapping[int, npt.ArrayLike],
    au_truth: npt.ArrayLike | None = None,
    au_names: Sequence[str] = (),
    au_predictions: Mapping[int, npt.ArrayLike] | None = None,
    replicates: int = intervals.REPLICATES,
    bootstrap_seed: int = draws.SEED,
) -> Scores:
    """Score a complete run; the schema stands above, its types in :mod:`mebench.scoring.schema`.

    ``keys`` names the n clips and every other argument by clip follows its order: ``truth`` class numbers
    ``(n,)``, ``subjects`` (unique within a dataset), ``datasets``, ``folds`` (or those of each seed, where
    they differ: repeats are scored as seeds are), and for each training seed
    probabilities ``(n, C)``, of which the highest wins and, among equals, the first. Action units come in
    as for :func:`au_scores`, which scores them alone where a protocol has no classes.

    Raises MebenchError, naming the clip, for a prediction that is missing, of the wrong width or not
    finite and for a class number out of range; also for arguments that do not fit the keys.
    """
    clips = read_clips(keys, subjects, datasets)
    labels = read_class_numbers(clips.keys, truth, len(classes))
    seeds, probabilities = read_probabilities(clips.keys, predictions, len(classes))
    chosen = probabilities.argmax(axis=2)

    def counts(groups: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        each = [
            metrics.grouped_confusion(labels, predicted, len(classes), groups, count) for predicted in chosen
        ]
        return np.stack(each, axis=1)

    def block(confusions: Counts, strata: Sequence[str]) -> dict[str, Any]:
        return _class_block(confusions, strata, classes, replicates, bootstrap_seed)

    of_seed = folds if isinstance(folds, Mapping) else dict.fromkeys(seeds, folds)
    names: set[str] = set()
    of_each: list[metrics.FoldMeans] = []
    for seed, predicted in zip(seeds, chosen, strict=True):
        one_each(clips.keys, of_seed[seed], "folds")
        of_clip = [str(fold) for fold in of_seed[seed]]
        ordered = sorted(set(of_clip), key=lambda name: (name.rpartition("/")[0], natural_order(name)))
        number = {name: place for place, name in enumerate(ordered)}
        names |= set(ordered)
        fold_of = np.array([number[name] for name in of_clip])
        confusions = metrics.grouped_confusion(labels, predicted, len(classes), fold_of, len(ordered))
        of_each.append(metrics.per_fold_means(confusions))
    means = {name: np.array([getattr(each, name) for each in of_each]) for name in metrics.FoldMeans._fields}
    scores: Any = {
        "folds": len(names),
        "seeds": seeds,
        "classes": list(classes),
        **with_datasets(counts(clips.subject, len(clips.strata)), clips, block),
        "per_fold_means": {name: spread(values) for name, values in means.items()},
        "bootstrap": settings(replicates, bootstrap_seed),
    }
    if au_truth is not None:
        scores["au"] = au_scores(
            keys=keys,
            truth=au_truth,
            subjects=subjects,
            datasets=datasets,
            names=au_names,
            predictions=au_predictions or {},
            replicates=replicates,
            bootstrap_seed=bootstrap_seed,
        )
    result: Scores = scores
    return result


def _class_block(
    confusions: Counts, strata: Sequence[str], classes: Sequence[str], replicates: int, seed: int
) -> dict[str, Any]:
    pooled = confusions.sum(axis=0)
    support = pooled[0].sum(axis=1)
    majority = np.zeros_like(pooled[0])
    majority[:, support.argmax()] = support
    by_class = {"f1": metrics.f1, "recall": metrics.recall, "precision": metrics.precision}
    per_class = {name: metric(pooled) for name, metric in by_class.items()}
    overall = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}
    return {
        "clips": int(support.sum()),
        "subjects": len(strata),
        **scored(confusions, strata, overall, replicates, seed),
        "per_class": {
            name: {
                "support": int(support[place]),
                **{metric: spread(values[:, place]) for metric, values in per_class.items()},
            }
            for place, name in enumerate(classes)
        },
        "confusion": {"sum": pooled.sum(axis=0).tolist(), "per_seed": pooled.tolist()},
        "chance": {"uar": 1 / len(classes), "uf1_majority": float(metrics.uf1(majority))},
    }

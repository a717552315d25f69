"""The scores of a run's action units, beside its classes or where a protocol has none.

>>> scores = au_scores(
...     keys=["a", "b"], truth=[[1, 0], [0, 1]], subjects=["1", "2"], datasets=["samm", "samm"],
...     names=["AU4", "AU12"], predictions={7: [[0.9, 0.2], [0.1, 0.3]]},
... )
>>> scores["f1"]["mean"], scores["per_au"]["AU12"]["f1"]["mean"]
(0.5, 0.0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError
from mebench.scoring import draws, intervals, metrics
from mebench.scoring.metrics import Counts
from mebench.scoring.predictions import read_clips, read_probabilities
from mebench.scoring.schema import AuScores
from mebench.scoring.summaries import plain, scored, settings, spread, with_datasets

AU_THRESHOLD = 0.5


def au_scores(
    *,
    keys: Sequence[str],
    truth: npt.ArrayLike,
    subjects: Sequence[str],
    datasets: Sequence[str],
    names: Sequence[str],
    predictions: Mapping[int, npt.ArrayLike],
    replicates: int = intervals.REPLICATES,
    bootstrap_seed: int = draws.SEED,
) -> AuScores:
    """Score action units ``(n, K)`` of 0 and 1 from probabilities ``(n, K)`` per training seed.

    An action unit counts as predicted above 0.5. ``f1`` and ``f1_macro`` are means over the action units
    that occur in truth: F1 of presence, and the mean F1 of presence and absence. Keys of the result:
    ``seeds``, ``names``, ``threshold``; ``clips``, ``subjects``; ``f1``, ``f1_macro`` (scored);
    ``per_au`` (name to ``{"support", "f1", "f1_macro"}``); ``without_positive`` (names that never occur);
    ``chance`` (``f1`` and ``f1_macro`` of always predicting all); ``per_dataset`` (as above);
    ``bootstrap``.

    Raises MebenchError as :func:`mebench.scoring.scores.score` does, and for probabilities outside 0 to 1.
    """
    clips = read_clips(keys, subjects, datasets)
    labels = np.asarray(truth)
    if not len(names):
        raise MebenchError("there is no action unit to score: name one or more")
    if labels.shape != (len(keys), len(names)):
        raise MebenchError(
            f"AU truth has shape {labels.shape}: {len(keys)} clips and {len(names)} action units are due"
        )
    seeds, probabilities = read_probabilities(clips.keys, predictions, len(names))
    beyond = (np.abs(probabilities - 0.5) > 0.5 + 1e-6).any(axis=(0, 2))
    if beyond.any():
        key = clips.keys[int(beyond.argmax())]
        raise MebenchError(f"clip {key} has AU predictions outside 0 to 1: give probabilities, not logits")
    confusions = np.stack(
        [
            metrics.au_confusion(labels, of_seed > AU_THRESHOLD, clips.subject, len(clips.strata))
            for of_seed in probabilities
        ],
        axis=1,
    )

    def block(confusions: Counts, strata: Sequence[str]) -> dict[str, Any]:
        return _au_block(confusions, strata, names, replicates, bootstrap_seed)

    result: Any = {
        "seeds": seeds,
        "names": list(names),
        "threshold": AU_THRESHOLD,
        **with_datasets(confusions, clips, block),
        "bootstrap": settings(replicates, bootstrap_seed),
    }
    scores: AuScores = result
    return scores


def _au_block(
    confusions: Counts, strata: Sequence[str], names: Sequence[str], replicates: int, seed: int
) -> dict[str, Any]:
    pooled = confusions.sum(axis=0)
    support = pooled[0, :, 1].sum(axis=-1)
    everything = np.zeros_like(pooled[0])
    everything[..., 1] = pooled[0].sum(axis=-1)
    f1, f1_macro = metrics.au_f1(pooled), metrics.au_f1_macro(pooled)
    overall = {"f1": metrics.mean_au_f1, "f1_macro": metrics.mean_au_f1_macro}
    return {
        "clips": int(pooled[0, 0].sum()),
        "subjects": len(strata),
        **scored(confusions, strata, overall, replicates, seed),
        "per_au": {
            name: {
                "support": int(support[place]),
                "f1": spread(f1[:, place]),
                "f1_macro": spread(f1_macro[:, place]),
            }
            for place, name in enumerate(names)
        },
        "without_positive": [name for place, name in enumerate(names) if not support[place]],
        "chance": {name: plain(float(metric(everything))) for name, metric in overall.items()},
    }

"""Subjects drawn with replacement, the same on every machine.

>>> subject_weights(["smic", "smic", "samm", "samm"], 2).tolist()
[[2, 0, 1, 1], [2, 0, 0, 2]]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError
from mebench.scoring.metrics import Floats

SEED = 20190514


def subject_weights(strata: Sequence[str], replicates: int, seed: int = SEED) -> npt.NDArray[np.int64]:
    """How often each replicate holds each subject, ``(replicates, S)``.

    Within each stratum (a dataset) as many subjects are drawn as it has: its weights sum to its size, and
    a dataset of one subject is in every replicate once.

    Raises MebenchError for fewer than one replicate.
    """
    if replicates < 1:
        raise MebenchError(f"an interval needs 1 replicate or more, not {replicates}")
    names = np.asarray(strata)
    # RandomState's stream is frozen and whole numbers need no libm: records are rebuilt byte for byte.
    random = np.random.RandomState(seed)
    weights = np.zeros((replicates, len(names)), np.int64)
    row = np.arange(replicates)[:, None]
    for name in sorted(set(strata)):
        members = np.flatnonzero(names == name)
        drawn = random.randint(0, len(members), size=(replicates, len(members)), dtype=np.int64)
        np.add.at(weights, (row, members[drawn]), 1)
    return weights


@lru_cache(maxsize=4)
def same_draws(strata: tuple[str, ...], replicates: int, seed: int) -> Floats:
    """Return :func:`subject_weights` in float64, remembered: the runs of one cohort are drawn alike."""
    weights = subject_weights(strata, replicates, seed).astype(np.float64)
    weights.setflags(write=False)
    return weights

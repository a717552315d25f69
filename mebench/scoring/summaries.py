"""What every block of scores is made of: spreads over training seeds, bounds, blocks by dataset.

>>> import numpy as np
>>> spread(np.array([0.5, 0.7]))
{'mean': 0.6, 'sd': 0.14142135623730948, 'per_seed': [0.5, 0.7]}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mebench.scoring import intervals
from mebench.scoring.metrics import Counts, Floats
from mebench.scoring.predictions import Clips
from mebench.scoring.schema import Bootstrap, Scored, Spread


def spread(values: Floats) -> Spread:
    """Mean, sample standard deviation and values ``(seeds,)``; one seed has no deviation.

    Where a value is not known for one of the seeds, neither are mean and deviation.
    """
    count = len(values)
    mean = math.fsum(values) / count
    sd = math.sqrt(math.fsum((values - mean) ** 2) / (count - 1)) if count > 1 else math.nan
    return {"mean": plain(mean), "sd": plain(sd), "per_seed": [plain(float(value)) for value in values]}


def plain(value: float) -> float | None:
    """Return the value, or None, JSON's null, where it is NaN or infinite."""
    return value if math.isfinite(value) else None


def settings(replicates: int, seed: int) -> Bootstrap:
    """How the bounds were made."""
    return {"method": intervals.METHOD, "level": intervals.LEVEL, "replicates": replicates, "seed": seed}


def scored(
    confusions: Counts,
    strata: Sequence[str],
    overall: Mapping[str, Callable[[Counts], Floats]],
    replicates: int,
    seed: int,
) -> dict[str, Scored]:
    """Each metric of the subjects' ``(S, seeds, ...)`` pooled: its spread over seeds, and its bounds."""
    bounds = intervals.bootstrap(confusions, strata, overall, replicates=replicates, seed=seed)
    pooled = confusions.sum(axis=0)
    return {
        name: {
            **spread(metric(pooled)),
            "low": plain(bounds[name].low),
            "high": plain(bounds[name].high),
        }
        for name, metric in overall.items()
    }


def with_datasets(
    confusions: Counts, clips: Clips, block: Callable[[Counts, Sequence[str]], dict[str, Any]]
) -> dict[str, Any]:
    """Return the block of all subjects, ``(S, seeds, ...)``, with those of each dataset in ``per_dataset``.

    One dataset alone has an empty ``per_dataset``.
    """
    names = sorted(set(clips.strata))
    datasets = {}
    if len(names) > 1:
        for name in names:
            members = clips.of_dataset(name)
            datasets[name] = block(confusions[members], [name] * len(members))
    return {**block(confusions, clips.strata), "per_dataset": datasets}

"""How action units and emotions go together: as the owner coded them, and as a run detects them.

found = unit_relations(read_predictions(directory))
found["coded"][1][4], found["detected"][1][4]       # of class 1 and unit 4, shares of clips
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from mebench.scoring.au_scores import AU_THRESHOLD
from mebench.scoring.rebuild import Pooled, unit_truth


class UnitRelations(TypedDict):
    """Of each class (rows) and unit (columns), the share of its clips that show the unit.

    ``clips`` counts the clips of each class whose units the owner coded, of which alone this is. ``coded`` is as the
    owner says, ``detected`` as the run does, over all seeds; both None where a class has no such clip.
    """

    classes: list[str]
    units: list[str]
    clips: list[int]
    coded: list[list[float | None]]
    detected: list[list[float | None]]


def unit_relations(pooled: Pooled) -> UnitRelations | None:
    """Return the relation of units and classes; None where the run has not both, or no clip is coded."""
    if not (pooled.classes and pooled.has_units):
        return None
    coded = pooled.coded
    if not coded["key"]:
        return None
    truth = unit_truth(coded, pooled.units)  # (n, units)
    found = np.mean(
        [
            np.array([rows[key]["aus"] for key in coded["key"]]) > AU_THRESHOLD
            for rows in pooled.rows.values()
        ],
        axis=0,
    )
    labels = np.array([int(label) for label in coded["label"]])
    of_class = [labels == place for place in range(len(pooled.classes))]

    def shares(values: np.ndarray) -> list[list[float | None]]:
        return [
            [float(share) for share in values[members].mean(axis=0)]
            if members.any()
            else [None] * len(pooled.units)
            for members in of_class
        ]

    return {
        "classes": pooled.classes,
        "units": pooled.units,
        "clips": [int(members.sum()) for members in of_class],
        "coded": shares(truth),
        "detected": shares(found),
    }

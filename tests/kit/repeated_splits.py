"""A split that tests every clip twice, in other folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mebench.cohort.splits import Fold, Split


@dataclass(frozen=True)
class Twice(Split):
    """Pairs of subjects, paired in another way the second time."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        people = list(dict.fromkeys(clips["group"]))
        made = []
        for repeat, order in enumerate((people, [*people[1:], people[0]])):
            for start in range(0, len(order), 2):
                tested = clips["group"].isin(order[start : start + 2]).to_numpy()
                name = f"{order[start]} in repeat {repeat}"
                made.append(Fold(name, np.flatnonzero(~tested), np.flatnonzero(tested), repeat))
        return tuple(made)

    def __str__(self) -> str:
        return "pairs of subjects, twice"

"""Two runs side by side: what each answered for the same clips, with the training seeds that both have.

both = side_by_side(read_predictions(one), read_predictions(other))
(both.right[1] & ~both.right[0]).sum()        # answers that only the second run has right
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.au_scores import AU_THRESHOLD
from mebench.scoring.metrics import Counts
from mebench.scoring.predictions import Clips, read_class_numbers, read_clips, read_probabilities
from mebench.scoring.rebuild import Pooled, clips_of, unit_truth
from mebench.scoring.same_clips import common_seeds, name_of, refuse_other_clips, same_units

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """What two runs answered, first run first: ``told`` (2, sets, n) classes or (2, sets, n, K) units, int64.

    A *set* is a training seed or, under a repeated split, one repeat of one. ``truth`` is (n,) or (n, K).
    """

    clips: Clips
    truth: Numbers
    told: Numbers
    names: tuple[str, ...]
    """The classes, or the K action units."""

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Return which answers are right, in the shape of ``told``."""
        right: npt.NDArray[np.bool_] = self.told == self.truth
        return right

    @property
    def of_units(self) -> bool:
        """Return whether these are of action units."""
        return self.truth.ndim == 2

    def confusions(self) -> tuple[Counts, Counts]:
        """Return the confusions of each run's subjects, (S, sets, C, C) or (S, sets, K, 2, 2)."""
        first, second = (
            np.stack([self._confusion(of_set) for of_set in of_run], axis=1) for of_run in self.told
        )
        return first, second

    def _confusion(self, told: Numbers) -> Counts:
        count = len(self.clips.strata)
        if self.of_units:
            return metrics.au_confusion(self.truth, told, self.clips.subject, count)
        return metrics.grouped_confusion(self.truth, told, len(self.names), self.clips.subject, count)


@dataclass(frozen=True)
class SideBySide:
    """Two runs of the same clips: ``seeds`` that both have, ``classes`` and ``aus`` where both answer to them."""

    seeds: tuple[int, ...]
    classes: Answers | None
    aus: Answers | None

    @property
    def answers(self) -> Answers:
        """Return the classes; of action units alone, those."""
        answers = self.classes or self.aus
        assert answers is not None
        return answers

    @property
    def alike(self) -> bool:
        """Return whether both runs give the same answers to everything that both answer."""
        return all((each.told[0] == each.told[1]).all() for each in (self.classes, self.aus) if each)


def side_by_side(a: Pooled, b: Pooled) -> SideBySide:
    """Return what two runs answered for the same clips.

    Raises:
        MebenchError: clips, labels or classes differ, the runs have no seed in common, repeat their splits unequally
            often, or have nothing that could be compared.
    """
    names = (name_of(a), name_of(b))
    refuse_other_clips(a, b)
    seeds = common_seeds(a, b)
    classes = aus = None
    if a.classes:
        clips = read_clips(**a.clips)
        truth = read_class_numbers(clips.keys, a.truth, len(a.classes))
        shares = _told(a, b, seeds, clips.keys, "probabilities", len(a.classes))
        classes = Answers(clips, truth, shares.argmax(axis=-1).astype(np.int64), tuple(a.classes))
    if same_units(a, b) and (coded := a.coded)["key"]:
        clips = read_clips(**clips_of(coded))
        shares = _told(a, b, seeds, clips.keys, "aus", len(a.units))
        truth = unit_truth(coded, a.units)
        aus = Answers(clips, truth, (shares > AU_THRESHOLD).astype(np.int64), tuple(a.units))
    if classes is None and aus is None:
        raise MebenchError(
            f"{names[0]} and {names[1]} have no action units in common that are coded: there is nothing to compare"
        )
    return SideBySide(seeds, classes, aus)


def _told(
    a: Pooled,
    b: Pooled,
    seeds: Sequence[int],
    keys: Sequence[str],
    what: Literal["probabilities", "aus"],
    width: int,
) -> npt.NDArray[np.float64]:
    """Return what both runs told of clips, (2, sets, n, width)."""
    of_run = []
    for pooled in (a, b):
        given = {
            number: [pooled.rows[own][key][what] for key in keys]
            for number, own in enumerate(_sets(pooled, seeds))
        }
        of_run.append(read_probabilities(keys, given, width)[1])
    return np.stack(of_run)


def _sets(pooled: Pooled, seeds: Sequence[int]) -> list[int]:
    """Return the numbers of the sets of training seeds, in the order of seeds and repeats."""
    if pooled.repeats == 1:
        return list(seeds)
    places = {seed: place * pooled.repeats for place, seed in enumerate(pooled.run["seeds"])}
    return [places[seed] + repeat for seed in seeds for repeat in range(pooled.repeats)]

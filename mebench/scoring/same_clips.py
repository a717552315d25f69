"""Two runs side by side: what each answered for the same clips, with the training seeds that both have.

    both = side_by_side(read_predictions(one), read_predictions(other))
    (both.right[1] & ~both.right[0]).sum()        # answers that only the second run has right

Runs that do not test the same clips under the same labels are no pair, whatever their scores: they are refused here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.au_scores import AU_THRESHOLD
from mebench.scoring.metrics import Counts
from mebench.scoring.predictions import Clips, read_class_numbers, read_clips, read_probabilities
from mebench.scoring.rebuild import Pooled
from mebench.scoring.tables import shown_model

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


def side_by_side(a: Pooled, b: Pooled) -> SideBySide:
    """Return what two runs answered for the same clips.

    Raises:
        MebenchError: clips, labels or classes differ, the runs have no seed in common, repeat their splits unequally
            often, or have nothing that could be compared.
    """
    names = (name_of(a), name_of(b))
    _same_cohort(a, b, names)
    seeds = common_seeds(a, b)
    classes = aus = None
    if a.classes:
        clips = read_clips(**a.clips)
        truth = read_class_numbers(clips.keys, a.truth, len(a.classes))
        shares = _told(a, b, seeds, clips.keys, "probabilities", len(a.classes))
        classes = Answers(clips, truth, shares.argmax(axis=-1).astype(np.int64), tuple(a.classes))
    if has_units(a) and has_units(b) and a.run["aus"] == b.run["aus"]:
        units = [f"au{number}" for number in a.run["aus"]]
        coded = a.cohort[a.cohort[units[0]].astype(str) != ""]  # empty: the owner coded no action units
        if len(coded):
            clips = read_clips(coded["key"].tolist(), coded["subject"].tolist(), coded["dataset"].tolist())
            shares = _told(a, b, seeds, clips.keys, "aus", len(units))
            truth = coded[units].astype(np.int64).to_numpy()
            aus = Answers(clips, truth, (shares > AU_THRESHOLD).astype(np.int64), tuple(units))
    if classes is None and aus is None:
        raise MebenchError(
            f"{names[0]} and {names[1]} have no action units in common that are coded: there is nothing to compare"
        )
    return SideBySide(seeds, classes, aus)


def name_of(pooled: Pooled) -> str:
    """Return what a sentence calls a run: its model, label and the start of its identity."""
    return f"{shown_model(pooled.run)}-{pooled.run['identity'][:8]}"


def has_units(pooled: Pooled) -> bool:
    """Return whether a run has predictions of action units."""
    rows = (row for found in pooled.rows.values() for row in found.values())
    return bool(pooled.run["aus"]) and all("aus" in row for row in rows)


def common_seeds(a: Pooled, b: Pooled) -> tuple[int, ...]:
    """Return the training seeds that both runs have.

    Raises:
        MebenchError: there is none, or they repeat their splits unequally often.
    """
    names = (name_of(a), name_of(b))
    if a.repeats != b.repeats:
        raise MebenchError(
            f"{names[0]} repeats its split {a.repeats} times and {names[1]} {b.repeats}: compare runs of one split"
        )
    seeds = tuple(sorted(set(a.run["seeds"]) & set(b.run["seeds"])))
    if not seeds:
        of_each = [" ".join(map(str, each.run["seeds"])) for each in (a, b)]
        raise MebenchError(
            f"{names[0]} and {names[1]} have no training seed in common ({of_each[0]}; {of_each[1]}): run one of them "
            "with a seed of the other"
        )
    return seeds


def _same_cohort(a: Pooled, b: Pooled, names: Sequence[str]) -> None:
    if a.classes != b.classes:
        told = [", ".join(each.classes) or "none" for each in (a, b)]
        raise MebenchError(
            f"{names[0]} and {names[1]} have other classes ({told[0]}; {told[1]}): compare runs of one protocol"
        )
    first, second = (each.cohort.set_index("key") for each in (a, b))
    lacks = [
        [key for key in one.index if key not in other.index]
        for one, other in ((first, second), (second, first))
    ]
    if any(lacks):
        example = next(key for keys in lacks for key in keys)
        raise MebenchError(
            f"{names[0]} and {names[1]} test other clips ({len(lacks[0])} only the former, {len(lacks[1])} only the "
            f"latter, such as {example}): compare runs of the same clips"
        )
    second = second.loc[first.index]
    named = [table["class"].where(table["label"] >= 0, "") for table in (first, second)]
    _same_labels(named[0], named[1], names)
    if has_units(a) and has_units(b) and a.run["aus"] == b.run["aus"]:
        units = [f"au{number}" for number in a.run["aus"]]
        coded = [table[units].astype(str).agg(" ".join, axis=1) for table in (first, second)]
        _same_labels(coded[0], coded[1], names)


def _same_labels(first: pd.Series[Any], second: pd.Series[Any], names: Sequence[str]) -> None:
    differs = np.flatnonzero(first.to_numpy() != second.to_numpy())
    if len(differs):
        place = int(differs[0])
        raise MebenchError(
            f"{names[0]} and {names[1]} have other labels for {len(differs)} of {len(first)} clips, such as "
            f"{first.index[place]} ({first.iloc[place]!r}; {second.iloc[place]!r}): compare runs of the same labels"
        )


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

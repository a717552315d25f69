"""Which answers differ between two runs: right in one alone, by class or action unit, by dataset, and clip by clip.

changed_answers(side_by_side(a, b).classes)["gained"]      # right in b, wrong in a
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from mebench.scoring.side_by_side import Answers, Numbers

_PRESENCE = ("absent", "present")


class Tally(TypedDict):
    """Of so many ``answers`` (each clip with each seed), those that the second run alone has right, or the first."""

    answers: int
    gained: int
    lost: int


class ChangedClip(TypedDict):
    """A clip, or one action unit of it, that some seed answers otherwise: ``a`` and ``b`` as told, seed by seed."""

    clip: str
    unit: str | None
    truth: str
    a: list[str]
    b: list[str]
    gained: int
    lost: int


class Changed(Tally):
    """All answers, and those of each class (or action unit) and dataset; ``per_dataset`` is empty for one dataset."""

    per_class: dict[str, Tally]
    per_unit: dict[str, Tally]
    per_dataset: dict[str, Tally]
    clips: list[ChangedClip]


def changed_answers(answers: Answers) -> Changed:
    """Return what the second of two runs has gained and lost."""
    first, second = answers.right
    gained, lost = (second & ~first).sum(axis=0), (first & ~second).sum(axis=0)  # (n,) or (n, K)
    sets = answers.told.shape[1]
    units = (
        np.broadcast_to(np.arange(len(answers.names)), gained.shape) if answers.of_units else answers.truth
    )
    dataset = np.asarray(answers.clips.strata)[answers.clips.subject]
    datasets = sorted(set(dataset.tolist()))

    def tally(chosen: np.ndarray) -> Tally:
        return {
            "answers": sets * gained[chosen].size,
            "gained": int(gained[chosen].sum()),
            "lost": int(lost[chosen].sum()),
        }

    by_name = {name: tally(units == place) for place, name in enumerate(answers.names)}
    return {
        **tally(np.ones(gained.shape, bool)),
        "per_class": {} if answers.of_units else by_name,
        "per_unit": by_name if answers.of_units else {},
        "per_dataset": {name: tally(dataset == name) for name in datasets} if len(datasets) > 1 else {},
        "clips": [
            _clip(answers, place, int(gained[place]), int(lost[place]))
            for place in zip(*np.nonzero(gained + lost), strict=True)
        ],
    }


def in_short(told: Sequence[str]) -> str:
    """Return answers of several seeds in short: ``others 2, happy``."""
    return ", ".join(name if count == 1 else f"{name} {count}" for name, count in Counter(told).most_common())


def _clip(answers: Answers, place: tuple[int, ...], gained: int, lost: int) -> ChangedClip:
    names = _PRESENCE if answers.of_units else answers.names

    def told(numbers: Numbers) -> list[str]:
        return [names[of_set[place]] for of_set in numbers]

    return {
        "clip": answers.clips.keys[place[0]],
        "unit": answers.names[place[1]] if answers.of_units else None,
        "truth": names[answers.truth[place]],
        "a": told(answers.told[0]),
        "b": told(answers.told[1]),
        "gained": gained,
        "lost": lost,
    }

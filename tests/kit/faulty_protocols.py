"""Protocols and splits with one fault each, and the check that finds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pandas as pd

from mebench.api import Expected, Fold, LeaveOneSubjectOut, Protocol, Split

# A lot that never falls the same way twice running.
_LOTS = count()
_WORDS = ("happy", "surprise", "others", "disgust", "fear", "anger", "sad")


@dataclass(frozen=True)
class Drawn(Split):
    """Two folds of subjects by lot."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        people = np.roll(clips["group"].unique(), next(_LOTS))
        first = np.flatnonzero(clips["group"].isin(people[:1]))
        rest = np.setdiff1d(np.arange(len(clips)), first)
        return Fold("first", rest, first), Fold("rest", first, rest)

    def __str__(self) -> str:
        return "by lot"


@dataclass(frozen=True)
class Shared(Split):
    """Two folds of clips, whoever's they are."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        even, odd = np.arange(0, len(clips), 2), np.arange(1, len(clips), 2)
        return Fold("even", odd, even), Fold("odd", even, odd)

    def __str__(self) -> str:
        return "every second clip"


@dataclass(frozen=True)
class Wordless(LeaveOneSubjectOut):
    def __str__(self) -> str:
        return ""


@dataclass(frozen=True)
class Sorting(LeaveOneSubjectOut):
    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        folds = super().folds(clips)
        clips["emotion"] = "none"
        return folds


SOUND = Protocol(
    name="odd",
    title="one of a test's own",
    datasets=("casme3",),
    classes=("positive", "other"),
    labels={"casme3": {word: "positive" if word == "happy" else "other" for word in _WORDS}},
    source="a test",
)
DRAWN = replace(SOUND, split=Drawn())
SHARED = replace(SOUND, split=Shared())
WORDLESS = replace(SOUND, split=Wordless())
SORTING = replace(SOUND, split=Sorting())
NO_SOURCE = replace(SOUND, source=" ")
UNREACHED = replace(SOUND, classes=("positive", "other", "mixed"))
SILENT = replace(SOUND, labels={"casme3": {"happy": "positive", "anger": "other"}})
UNSORTED = replace(SOUND, aus=(4, 1))
MISCOUNTED = replace(SOUND, expected=Expected(10, 3, {"positive": 3, "other": 8}))

FAULTS = {
    "DRAWN": ("folds are the same whenever they are made", "made twice"),
    "SHARED": ("its folds are sound on invented clips", "trains and tests on 4 of the same subjects"),
    "WORDLESS": ("its split says in words what it is", "prints as ''"),
    "SORTING": ("its split leaves the clips as they are", "work on a copy"),
    "NO_SOURCE": ("it has a title and a source", "source=..."),
    "UNREACHED": ("every class is reached by a word", "the class 'mixed'"),
    "SILENT": (
        "every word of an owner is labelled or left out with a reason",
        "'disgust' of casme3 is neither",
    ),
    "UNSORTED": ("action units are numbers of FACS in order", r"\[4, 1\]"),
    "MISCOUNTED": ("published counts add up", "11 clips in all, and expected has 10"),
}

"""Folds that a plugin's split makes: none trains on what it tests, and every clip is tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from invented import invented_cohort

from mebench.cohort.building import Cohort
from mebench.cohort.soundness import lopsided_folds
from mebench.cohort.splits import Fold, Split
from mebench.errors import MebenchError

FIRST, SECOND = np.arange(6), np.arange(6, 12)  # of 12 clips of 2 subjects: the first's and the second's


@dataclass(frozen=True)
class Theirs(Split):
    """A split that a test gives."""

    make: Callable[[pd.DataFrame], Any]
    for_training: Callable[[pd.DataFrame], Any] = lambda clips: np.zeros(len(clips), dtype=bool)

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        return self.make(clips)

    def trained_only(self, clips: pd.DataFrame) -> np.ndarray:
        return self.for_training(clips)

    def __str__(self) -> str:
        return "theirs"


def cohort_by(make: Callable[[pd.DataFrame], Any], **change: Any) -> Cohort:
    return invented_cohort(2, 6, split=Theirs(make), **change)


def halves(train: Any = FIRST, test: Any = SECOND, name: Any = "first") -> tuple[Fold, ...]:
    return (Fold(name, train, test), Fold("second", SECOND, FIRST))


def raising(clips: pd.DataFrame) -> Any:
    return clips["no such column"]


WRONG: dict[str, tuple[Any, str]] = {
    "train is test": (
        lambda clips: (Fold("all", np.arange(12), np.arange(12)),),
        "trains on 12 of its test clips",
    ),
    "one clip on both sides": (lambda clips: halves(np.append(FIRST, 6)), "trains on 1 of its test clips"),
    "subjects on both sides": (
        lambda clips: (
            Fold("even", np.arange(0, 12, 2), np.arange(1, 12, 2)),
            Fold("odd", np.arange(1, 12, 2), np.arange(0, 12, 2)),
        ),
        r"the fold 'even', which trains and tests on 2 of the same subjects \(casme3/spNO.1\).*subject_dependent",
    ),
    "a clip never tested": (lambda clips: halves()[:1], "never tests the clip casme3/spNO.1/a/10"),
    "a clip tested twice": (
        lambda clips: (*halves(), Fold("again", FIRST, SECOND)),
        "tests the clip casme3/spNO.2/a/10 more than once",
    ),
    "no fold": (lambda clips: (), "makes no fold"),
    "nothing": (lambda clips: None, "failed: TypeError"),
    "pairs": (lambda clips: [(FIRST, SECOND), (SECOND, FIRST)], "makes a tuple where a Fold is due"),
    "no training": (lambda clips: halves(np.array([], int)), "the fold 'first' with a train that is empty"),
    "no test": (lambda clips: halves(test=np.array([], int)), "the fold 'first' with a test that is empty"),
    "a mask": (lambda clips: halves(np.arange(12) < 6), r"no array of row numbers \(a mask is none\)"),
    "a list": (lambda clips: halves(list(range(6))), "the fold 'first' with a train that is no array"),
    "numbers with a point": (lambda clips: halves(FIRST.astype(float)), "no array of row numbers"),
    "a table of numbers": (lambda clips: halves(FIRST[:, None]), "no array of row numbers"),
    "a row beyond": (lambda clips: halves(test=np.append(SECOND, 12)), "holds the row 12, .*rows 0 to 11"),
    "a row before": (lambda clips: halves(np.array([-1, 0])), "holds the row -1"),
    "a row twice": (lambda clips: halves(np.array([0, 0, 1])), "a train that holds a clip twice"),
    "a gap in the repeats": (
        lambda clips: (*halves(), *(replace(f, name=f.name + " again", repeat=2) for f in halves())),
        r"numbers its repeats \[0, 2\]",
    ),
    "a repeat that leaves a clip out": (
        lambda clips: (*halves(), Fold("again", FIRST, SECOND, repeat=1)),
        r"never tests the clip casme3/spNO.1/a/10: .* \(repeat 1\)",
    ),
    "half a repeat": (lambda clips: tuple(replace(f, repeat=0.5) for f in halves()), "with the repeat 0.5"),
    "a name twice": (lambda clips: halves(name="second"), "makes two folds named 'second'"),
    "a number for a name": (lambda clips: halves(name=1), "a fold named 1"),
    "an error of its own": (raising, "failed: KeyError: 'no such column'"),
}


@pytest.mark.parametrize(("make", "said"), WRONG.values(), ids=WRONG)
def test_a_fold_that_cannot_be_believed_names_the_split(make: Any, said: str) -> None:
    with pytest.raises(MebenchError, match=said) as raised:
        cohort_by(make)
    assert str(raised.value).startswith(f"protocol 'four': its split {__name__}.Theirs ")


def test_a_protocol_that_means_to_share_subjects_says_so_and_still_shares_no_clip() -> None:
    even, odd = np.arange(0, 12, 2), np.arange(1, 12, 2)
    cohort = cohort_by(lambda clips: (Fold("a", even, odd), Fold("b", odd, even)), subject_dependent=True)
    assert [fold.name for fold in cohort.folds] == ["a", "b"]
    with pytest.raises(MebenchError, match="trains on 6 of its test clips"):
        cohort_by(lambda clips: (Fold("a", np.arange(12), odd), Fold("b", odd, even)), subject_dependent=True)


def test_clips_for_training_alone_are_declared_and_then_never_tested() -> None:
    def for_training(clips: pd.DataFrame) -> Any:
        return clips["subject"] == "spNO.1"

    one = Theirs(lambda clips: (Fold("second", FIRST, SECOND),), for_training)
    assert invented_cohort(2, 6, split=one).clips["fold"].tolist() == [""] * 6 + ["second"] * 6
    both = Theirs(lambda clips: halves(), for_training)
    with pytest.raises(MebenchError, match=r"tests the clip .*/a/10, which trained_only"):
        invented_cohort(2, 6, split=both)


def test_a_split_cannot_change_the_cohort_that_it_divides() -> None:
    def spoil(clips: pd.DataFrame) -> Any:
        clips["label"] = 0
        return halves()

    assert cohort_by(spoil).clips["label"].nunique() == 4


def test_what_a_fold_trains_on_is_part_of_the_manifest() -> None:
    whole, less = cohort_by(lambda clips: halves()), cohort_by(lambda clips: halves(FIRST[1:]))
    assert whole.clips["fold"].tolist() == less.clips["fold"].tolist()
    assert whole.manifest == invented_cohort(2, 6, split=Theirs(lambda clips: halves()[::1])).manifest
    assert whole.manifest != less.manifest


def test_a_fold_that_trains_on_one_class_alone_is_told() -> None:
    cohort = invented_cohort(2, 6)
    labels = np.zeros(12, int)
    labels[6:9] = 1
    assert lopsided_folds(cohort.protocol, labels, cohort.folds) == [
        "the fold 'casme3/spNO.2' trains on clips of one class alone"
    ]
    assert lopsided_folds(cohort.protocol, cohort.clips["label"].to_numpy(), cohort.folds) == []

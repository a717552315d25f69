"""Validation subjects split off the training subjects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mebench.api import inner_split
from mebench.errors import MebenchError
from mebench.models.base import TrainSet
from mebench.models.features import FeatureView


def clips(subjects: list[int], labels: list[int]) -> TrainSet:
    count = len(labels)
    view = FeatureView((Path("nowhere.npy"),), np.zeros(count, int), np.arange(count))
    aus = np.arange(count, dtype=np.uint8)[:, None]
    return TrainSet({"apex": view}, np.array(labels), aus, np.array(subjects))


def test_whole_subjects_are_split_off_and_every_clip_is_on_one_side() -> None:
    subjects = [i // 4 for i in range(40)]
    labels = [i % 4 for i in range(40)]
    train, validation = inner_split(clips(subjects, labels), seed=3)
    assert set(train.subjects).isdisjoint(validation.subjects)
    assert len(set(validation.subjects)) == 2, "a fifth of ten"
    rows = np.concatenate([train.features["apex"].rows, validation.features["apex"].rows])
    assert sorted(rows) == list(range(40))
    for part in (train, validation):
        places = part.features["apex"].rows
        assert (part.labels == np.array(labels)[places]).all()
        assert (part.aus[:, 0] == places).all()
        assert (part.subjects == np.array(subjects)[places]).all()


def test_the_seed_alone_decides() -> None:
    given = clips([i // 2 for i in range(60)], [i % 2 for i in range(60)])
    drawn = [tuple(sorted(set(inner_split(given, seed)[1].subjects))) for seed in range(20)]
    assert drawn == [tuple(sorted(set(inner_split(given, seed)[1].subjects))) for seed in range(20)]
    assert len(set(drawn)) > 10
    assert {len(each) for each in drawn} == {6}
    inner_split(given, 2**63 - 1)


def test_a_class_that_one_subject_alone_shows_stays_in_training() -> None:
    # Subject 0 alone shows class 2, subject 1 alone class 3.
    subjects, labels = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], [0, 2, 1, 3, 0, 1, 0, 1, 0, 1]
    for seed in range(30):
        train, validation = inner_split(clips(subjects, labels), seed)
        assert set(train.labels) == {0, 1, 2, 3}
        assert len(set(validation.subjects)) == 1


def test_where_each_subject_has_a_class_of_its_own_one_is_taken_all_the_same() -> None:
    train, validation = inner_split(clips([0, 1, 2], [0, 1, 2]), 0)
    assert (len(train), len(validation)) == (2, 1)


@pytest.mark.parametrize("subjects", [[0], [0, 0, 1]])
def test_fewer_than_three_subjects_are_refused(subjects: list[int]) -> None:
    with pytest.raises(
        MebenchError, match=f"a fold has {len(set(subjects))} of them where at least 3 are due"
    ):
        inner_split(clips(subjects, [0] * len(subjects)), 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_class_is_lost_unless_it_cannot_be_helped(data: st.DataObject) -> None:
    count = data.draw(st.integers(3, 30))
    subjects = [0, 1, 2, *data.draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))]
    labels = data.draw(st.lists(st.integers(0, 3), min_size=len(subjects), max_size=len(subjects)))
    train, validation = inner_split(clips(subjects, labels), data.draw(st.integers(0, 2**63 - 1)))
    people = len(set(subjects))
    assert 1 <= len(set(validation.subjects)) <= max(1, round(people / 5))
    own = [
        set(np.array(labels)[np.array(subjects) == s]) - set(np.array(labels)[np.array(subjects) != s])
        for s in set(subjects)
    ]
    if not all(own):
        assert set(train.labels) == set(labels)

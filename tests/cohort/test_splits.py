"""Splits: who is trained on and who is tested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import LeaveOneGroupOut

from mebench.cohort.splits import GivenParts, LeaveOneDatasetOut, LeaveOneSubjectOut, Split
from mebench.errors import MebenchError


def clips(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["dataset", "subject", "part"])
    return table.assign(group=table["dataset"] + "/" + table["subject"])


FOUR = clips(("a", "1", "train"), ("b", "1", "train"), ("a", "2", "testB"), ("b", "2", "testA"))


def test_a_subject_of_two_datasets_is_two_subjects() -> None:
    folds = LeaveOneSubjectOut().folds(FOUR)
    assert [fold.name for fold in folds] == ["a/1", "a/2", "b/1", "b/2"]
    assert [fold.test.tolist() for fold in folds] == [[0], [2], [1], [3]]


def test_leaving_a_dataset_out_trains_on_all_others() -> None:
    folds = LeaveOneDatasetOut().folds(FOUR)
    assert [(f.name, f.train.tolist(), f.test.tolist()) for f in folds] == [
        ("a", [1, 3], [0, 2]),
        ("b", [0, 2], [1, 3]),
    ]


def test_given_parts_test_each_other_part_and_never_the_training_one() -> None:
    folds = GivenParts("train").folds(FOUR)
    assert [(f.name, f.train.tolist(), f.test.tolist()) for f in folds] == [
        ("testA", [0, 1], [3]),
        ("testB", [0, 1], [2]),
    ]


@pytest.mark.parametrize(
    ("split", "rows", "said"),
    [
        (LeaveOneDatasetOut(), FOUR[FOUR["dataset"] == "a"], "1 dataset"),
        (LeaveOneSubjectOut(), FOUR[:1], "1 subject"),
        (GivenParts("train"), FOUR[2:], "'train'"),
        (GivenParts("train"), FOUR[:2], "needs both"),
    ],
    ids=["one dataset", "one subject", "no training part", "no test part"],
)
def test_a_split_that_cannot_be_made_says_what_is_missing(
    split: Split, rows: pd.DataFrame, said: str
) -> None:
    with pytest.raises(MebenchError, match=said):
        split.folds(rows.reset_index(drop=True))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("123")), min_size=4, max_size=30))
def test_no_clip_stands_on_both_sides_and_none_is_tested_twice(people: list[tuple[str, str]]) -> None:
    table = clips(*((dataset, subject, "train") for dataset, subject in people))
    for split, column in ((LeaveOneSubjectOut(), "group"), (LeaveOneDatasetOut(), "dataset")):
        if table[column].nunique() < 2:
            continue
        folds = split.folds(table)
        tested = np.concatenate([fold.test for fold in folds])
        assert sorted(tested) == list(range(len(table)))
        for fold in folds:
            assert not set(table[column][fold.train]) & set(table[column][fold.test])


@pytest.mark.parametrize("seed", range(5))
def test_leaving_one_out_is_what_scikit_learn_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    datasets = np.array(["samm", "casme2", "smic"])[rng.integers(3, size=60)].astype(object)
    groups = np.array(
        [f"{name}/{number}" for name, number in zip(datasets, rng.integers(20, size=60), strict=True)]
    )
    table = pd.DataFrame({"dataset": datasets, "group": groups.astype(object)})
    for split, column in ((LeaveOneSubjectOut(), "group"), (LeaveOneDatasetOut(), "dataset")):
        left_out = LeaveOneGroupOut().split(table, groups=table[column])
        for fold, (train, test) in zip(split.folds(table), left_out, strict=True):
            assert (fold.name, fold.repeat) == (table[column][test[0]], 0)
            assert fold.train.tolist() == train.tolist()
            assert fold.test.tolist() == test.tolist()

"""What a worker is sent, and how its answer is checked and put back in order."""

from __future__ import annotations

import pickle
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import factory_of, invented_cohort

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.models.base import Predictions
from mebench.records import Task
from mebench.runner.jobs import FoldResult

# Labels that nothing else in a job could be mistaken for, one for each clip.
FIRST_LABEL = 7_000_001


@pytest.fixture
def marked() -> Cohort:
    """A cohort in which every clip has a label and a row of action units of its own."""
    cohort = invented_cohort(subjects=4, clips=3, aus=tuple(range(1, 13)))
    clips = cohort.clips.assign(label=FIRST_LABEL + np.arange(12))
    aus = np.random.default_rng(5).integers(0, 256, (12, 12), dtype=np.uint8)
    return replace(cohort, clips=clips, aus=aus)


def _everything_in(thing: Any) -> list[Any]:
    """Return every plain value and every array that hangs on an object."""
    if is_dataclass(thing):
        return [leaf for f in fields(thing) for leaf in _everything_in(getattr(thing, f.name))]
    if isinstance(thing, dict):
        return [leaf for pair in thing.items() for leaf in _everything_in(pair)]
    if isinstance(thing, (tuple, list, set)):
        return [leaf for each in thing for leaf in _everything_in(each)]
    return [thing]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_job_as_it_is_sent_holds_no_label_of_a_test_clip(marked: Cohort, shuffle: bool) -> None:
    factory = factory_of(marked, shuffle_labels=shuffle)
    labels = marked.clips["label"].to_numpy(np.int64)
    for fold in marked.folds:
        sent = pickle.dumps(factory.job(Task(0, fold.name)))
        for clip in range(len(labels)):
            trained_on = clip in fold.train
            assert (labels[clip].tobytes() in sent) == trained_on
            assert (marked.aus[clip].tobytes() in sent) == trained_on
            assert str(marked.clips["key"][clip]).encode() not in sent
        numbers = [
            number
            for leaf in _everything_in(pickle.loads(sent))
            if isinstance(leaf, (int, np.ndarray))
            for number in np.ravel(leaf)
        ]
        assert set(labels[fold.test]).isdisjoint(numbers)
        assert set(labels[fold.train]) <= set(numbers)


def test_the_words_of_the_annotation_are_not_sent() -> None:
    cohort = invented_cohort()
    cohort = replace(cohort, clips=cohort.clips.assign(emotion="secret-emotion", aus="secret-units"))
    assert b"secret" not in pickle.dumps(factory_of(cohort).job(Task(0, "casme3/spNO.1")))


def test_training_clips_come_with_their_labels_units_and_opaque_subjects(marked: Cohort) -> None:
    fold = marked.folds[1]
    train = factory_of(marked).job(Task(0, fold.name)).train
    assert (train.features["frame"].rows == fold.train).all()
    assert (train.labels == FIRST_LABEL + fold.train).all()
    assert (train.aus == marked.aus[fold.train]).all()
    assert train.subjects.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_shuffled_labels_and_units_move_together(marked: Cohort) -> None:
    task = Task(0, marked.folds[0].name)
    plain, shuffled = (factory_of(marked, shuffle_labels=s).job(task).train for s in (False, True))
    assert sorted(shuffled.labels) == sorted(plain.labels)
    assert (shuffled.labels != plain.labels).any()
    for label, units in zip(shuffled.labels, shuffled.aus, strict=True):
        assert (units == marked.aus[label - FIRST_LABEL]).all()
    assert (shuffled.features["frame"].rows == plain.features["frame"].rows).all()
    assert (shuffled.subjects == plain.subjects).all()


def test_labels_are_shuffled_the_same_way_every_time_and_anew_for_every_fold_and_seed(marked: Cohort) -> None:
    factory = factory_of(marked, shuffle_labels=True)

    def order(seed: int, fold: int) -> list[int]:
        train = marked.folds[fold].train
        labels = factory.job(Task(seed, marked.folds[fold].name)).train.labels - FIRST_LABEL
        return [int(np.flatnonzero(train == label)[0]) for label in labels]

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(1, 0)
    assert order(0, 0) != order(0, 1)


def test_test_clips_are_shuffled_anew_for_every_fold_and_seed() -> None:
    cohort = invented_cohort(subjects=2, clips=12)
    factory = factory_of(cohort)
    orders = {
        (seed, fold.name): tuple(
            factory.job(Task(seed, fold.name)).test.features["frame"].rows - fold.test[0]
        )
        for seed in range(3)
        for fold in cohort.folds
    }
    assert len(set(orders.values())) == len(orders)
    for order in orders.values():
        assert sorted(order) == list(range(12))
        assert order != tuple(range(12))


@settings(max_examples=40, deadline=None)
@given(
    subjects=st.integers(2, 4),
    clips=st.integers(1, 13),
    seed=st.integers(0, 2**31),
    datasets=st.sampled_from([("casme3",), ("casme3", "samm")]),
    with_units=st.booleans(),
)
def test_predictions_are_put_back_to_their_clips(
    subjects: int, clips: int, seed: int, datasets: tuple[str, ...], with_units: bool
) -> None:
    cohort = invented_cohort(subjects, clips, datasets=datasets)
    factory = factory_of(cohort)
    # What a model that knows its clip by the picture would answer: one row for each picture.
    rng = np.random.default_rng(seed)
    answers = {name: rng.dirichlet(np.ones(4), subjects * clips) for name in datasets}
    units = {name: rng.random((subjects * clips, 3)) for name in datasets}
    for fold in cohort.folds:
        task = Task(seed, fold.name)
        view = factory.job(task).test.features["frame"]
        asked = [(datasets[part], row) for part, row in zip(view.parts, view.rows, strict=True)]
        predictions = Predictions(
            np.array([answers[name][row] for name, row in asked]),
            np.array([units[name][row] for name, row in asked]) if with_units else None,
        )
        record = factory.record(task, FoldResult(predictions, 0, 0, 0))
        assert [p["clip"] for p in record["predictions"]] == list(cohort.clips["key"][fold.test])
        for prediction, clip in zip(record["predictions"], fold.test, strict=True):
            name = cohort.clips["dataset"][clip]
            row = list(cohort.data[datasets.index(name)].table["key"]).index(prediction["clip"])
            assert prediction["probabilities"] == pytest.approx(answers[name][row], rel=1e-8)
            if with_units:
                assert prediction["aus"] == pytest.approx(units[name][row], rel=1e-8)
            else:
                assert "aus" not in prediction


def test_curves_are_recorded_with_their_gaps() -> None:
    factory = factory_of(invented_cohort(subjects=2, clips=1))
    curves = {"loss": [0.1234567, None], "rate": [None, 1.0]}
    result = FoldResult(Predictions(np.full((1, 4), 0.25)), 0, 0, 0, curves)
    assert factory.record(Task(0, "casme3/spNO.1"), result)["curves"] == {
        "loss": [0.123457, None],
        "rate": [None, 1.0],
    }


def test_a_float32_is_recorded_exactly() -> None:
    factory = factory_of(invented_cohort(subjects=2, clips=1))
    row = np.random.default_rng(0).dirichlet(np.ones(4), 1).astype(np.float32)
    record = factory.record(Task(0, "casme3/spNO.1"), FoldResult(Predictions(row), 0, 0, 0))
    assert (np.array(record["predictions"][0]["probabilities"], np.float32) == row[0]).all()


GOOD = np.full((4, 4), 0.25)


def _with(value: float) -> np.ndarray:
    array = GOOD.copy()
    array[2, 1] = value
    return array


@pytest.mark.parametrize(
    ("predictions", "reason"),
    [
        (Predictions(GOOD[:3]), r"probabilities of shape \(3, 4\) where \(4, 4\) is due"),
        (Predictions(GOOD[:, :3]), r"shape \(4, 3\)"),
        (Predictions(GOOD.ravel()), r"shape \(16,\)"),
        (Predictions(None), "shape"),
        (Predictions([[0.25] * 4] * 3 + [[1.0]]), "no array of numbers"),
        (Predictions([["a"] * 4] * 4), "no array of numbers"),
        (Predictions(_with(np.nan)), "not between 0 and 1"),
        (Predictions(_with(np.inf)), "not between 0 and 1"),
        (Predictions(_with(-0.25)), "not between 0 and 1"),
        (Predictions(_with(1.5)), "not between 0 and 1"),
        (Predictions(_with(0.75)), "sum to 1.5, not to 1"),
        (Predictions(_with(0.15)), "sum to 0.9, not to 1"),
        (Predictions(GOOD, GOOD), r"action unit probabilities of shape \(4, 4\) where \(4, 3\) is due"),
        (Predictions(GOOD, _with(np.nan)[:, :3]), "action unit probabilities that are not between 0 and 1"),
    ],
    ids=[
        *(
            "rows",
            "columns",
            "flat",
            "none",
            "ragged",
            "words",
            "nan",
            "inf",
            "negative",
            "above",
            "sum",
            "less",
        ),
        *("units", "nan units"),
    ],
)
def test_what_is_no_probability_is_refused(predictions: Predictions, reason: str) -> None:
    factory = factory_of(invented_cohort())
    with pytest.raises(MebenchError, match=reason):
        factory.record(Task(0, "casme3/spNO.1"), FoldResult(predictions, 0, 0, 0))


def test_a_fold_s_seed_does_not_depend_on_the_other_folds() -> None:
    few, many = (factory_of(invented_cohort(subjects)) for subjects in (2, 4))
    task = Task(0, "casme3/spNO.2")
    assert few.job(task).seed == many.job(task).seed
    assert many.job(task).seed != many.job(Task(1, "casme3/spNO.2")).seed
    assert many.job(task).seed != many.job(Task(0, "casme3/spNO.1")).seed

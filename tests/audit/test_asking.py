"""Other ways of asking, and what their answers come to."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from invented import factory_of, invented_cohort

from mebench.audit import alone, asking, batches, isolation, labels
from mebench.audit.asking import asked, with_foreign
from mebench.audit.case import Case
from mebench.models.base import Predictions
from mebench.records import Task
from mebench.runner.jobs import FoldResult, Job
from mebench.runner.probes import largest_difference
from mebench.runner.worker import Failure


def _job() -> Job:
    cohort = invented_cohort()
    return factory_of(cohort).job(Task(0, cohort.folds[0].name))


def _said(*shares: float) -> Predictions:
    return Predictions(np.array([[share, 1 - share] for share in shares]))


def _result(*shares: float, **change: object) -> FoldResult:
    return FoldResult(_said(*shares), 0.1, 0.1, 80.0, **change)  # type: ignore[arg-type]


class _Case(Case):
    """A case whose plain answer is known."""

    plain = None  # type: ignore[assignment]

    def __init__(self, plain: FoldResult, device: str = "cpu") -> None:
        cohort = invented_cohort()
        self.__dict__.update(plain=plain, first=cohort.folds[0])
        self.__dict__["prepared"] = type("Ready", (), {"device": device})


def test_a_difference_is_told_shortly() -> None:
    assert doctest.testmod(asking).failed == 0


def test_clips_are_asked_for_in_another_order_and_one_by_one() -> None:
    job = _job()
    rows = job.test.features["frame"].rows
    assert asked(job, np.array([3, 1])).test.features["frame"].rows.tolist() == rows[[3, 1]].tolist()
    assert len(asked(job, np.array([2])).test) == 1


def test_foreign_clips_stand_behind() -> None:
    job = _job()
    more = with_foreign(job, 3)
    rows = more.test.features["frame"].rows
    assert len(more.test) == len(rows) == 7
    assert rows[:4].tolist() == job.test.features["frame"].rows.tolist()
    assert set(rows[4:]) <= set(job.train.features["frame"].rows)
    assert more.train is job.train


def test_an_answer_that_lacks_action_units_is_as_far_away_as_can_be() -> None:
    one = Predictions(np.full((2, 2), 0.5), np.zeros((2, 3)))
    assert largest_difference(one, Predictions(one.probabilities)) == 1
    assert largest_difference(one, Predictions(one.probabilities, np.full((2, 3), 0.25))) == 0.25
    assert not one.same_bytes(Predictions(one.probabilities))


def test_a_class_and_every_known_unit_change_in_the_hidden_labels() -> None:
    cohort = invented_cohort()
    fold = cohort.folds[1]
    other = labels.with_other_labels(cohort, fold)
    assert (other.clips["label"] != cohort.clips["label"]).tolist() == [i in fold.test for i in range(12)]
    assert ((other.aus != cohort.aus).all(axis=1)).tolist() == [i in fold.test for i in range(12)]
    assert other.clips["key"].tolist() == cohort.clips["key"].tolist()


def test_hidden_labels_that_matter_fail() -> None:
    fold = invented_cohort().folds[0]
    assert labels.judged(fold, _result(0.5, 0.1), _result(0.5, 0.1)).passed
    found = labels.judged(fold, _result(0.5, 0.1), _result(0.5, 0.9))
    assert found.passed is False
    assert "move by up to 0.8 when labels change that the model is not given" in found.evidence
    # The last bit counts here: nothing but the labels has changed.
    assert labels.judged(fold, _result(0.5), _result(np.nextafter(0.5, 1))).passed is False
    assert "fails when it is run once more: odd" in labels.judged(fold, _result(0.5), Failure("odd")).evidence


def test_rounding_passes_and_statistics_of_the_batch_fail() -> None:
    case = _Case(_result(0.5, 0.1))
    places = np.array([1, 0])
    assert batches.judged(case, "b", [(places, _result(0.1 + 6e-8, 0.5))]).passed
    found = batches.judged(case, "b", [(places, _result(0.1, 0.7))])
    assert found.passed is False
    assert "the largest difference is 0.2 (casme3/spNO.1, trained anew)" in found.evidence


def test_what_the_very_model_said_counts_too() -> None:
    case = _Case(_result(0.5, 0.1, probes={"again": 0.3, "alone": None}))
    every = np.array([0, 1])
    found = batches.judged(case, "d", [(every, _result(0.5, 0.1))])
    assert found.passed is False
    assert found.figures == {"in place": 0.3, "fresh": 0}
    assert "gave no valid answer" in batches.judged(case, "c", [(every[:1], _result(0.5))]).evidence


def test_on_a_gpu_only_the_very_model_counts() -> None:
    every = np.array([0, 1])
    case = _Case(_result(0.5, 0.1, probes={"again": 1e-7}), device="cuda")
    assert batches.judged(case, "d", [(every, _result(0.6, 0.1))]).passed
    assert batches.judged(_Case(_result(0.5, 0.1), "cuda"), "e", [(every, _result(0.6, 0.1))]).passed is None


def test_foreign_clips_are_not_compared_but_those_before_them() -> None:
    found = batches.judged(_Case(_result(0.5, 0.1)), "e", [(np.array([0, 1]), _result(0.5, 0.1, 0.9, 0.9))])
    assert found.passed


def test_a_way_of_asking_that_fails_is_a_failed_check() -> None:
    found = batches.judged(_Case(_result(0.5, 0.1)), "c", [(np.array([0]), Failure("one clip is too few"))])
    assert found.passed is False
    assert "one clip is too few" in found.evidence


@pytest.mark.parametrize(
    ("moved", "exact", "passed"), [(0, True, True), (1e-9, True, False), (1e-9, False, True)]
)
def test_a_fold_that_knows_another_fails(moved: float, exact: bool, passed: bool) -> None:
    pair = invented_cohort().folds[:2]
    forth, back = [_result(0.5), _result(0.4)], [_result(0.5), _result(0.4 + moved)]
    assert alone.judged(pair, forth, back, exact=exact).passed is passed


def test_less_than_full_isolation_fails() -> None:
    assert isolation.judged("none", _result(0.5)).passed is False
    assert "settings" in isolation.judged("none", Failure("its settings are others")).evidence

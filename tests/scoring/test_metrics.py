from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from mebench.errors import MebenchError
from mebench.scoring import metrics


@st.composite
def labelled(draw: st.DrawFn) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Classes, truth, prediction and group of a few clips; classes are often missing."""
    classes, clips = draw(st.integers(2, 6)), draw(st.integers(1, 30))
    some = st.sampled_from(draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=classes)))
    truth, predicted = (draw(arrays(np.int64, clips, elements=some)) for _ in range(2))
    return classes, truth, predicted, draw(arrays(np.int64, clips, elements=st.integers(0, 3)))


@given(labelled())
def test_every_class_metric_equals_that_of_scikit_learn(
    sample: tuple[int, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    classes, truth, predicted, _ = sample
    labels = list(range(classes))
    counts = metrics.confusion(truth, predicted, classes)
    np.testing.assert_array_equal(counts, confusion_matrix(truth, predicted, labels=labels))
    assert counts.dtype == np.int64
    assert metrics.accuracy(counts) == pytest.approx(accuracy_score(truth, predicted))
    settings = {"labels": labels, "zero_division": np.nan}
    for ours, reference in (
        (metrics.f1, f1_score),
        (metrics.recall, recall_score),
        (metrics.precision, precision_score),
    ):
        np.testing.assert_allclose(ours(counts), reference(truth, predicted, average=None, **settings))
    assert metrics.uf1(counts) == pytest.approx(f1_score(truth, predicted, average="macro", **settings))
    assert metrics.uar(counts) == pytest.approx(recall_score(truth, predicted, average="macro", **settings))


@given(labelled())
def test_groups_count_their_own_clips_and_sum_to_the_whole(
    sample: tuple[int, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    classes, truth, predicted, groups = sample
    counts = metrics.grouped_confusion(truth, predicted, classes, groups, 5)
    assert counts.shape == (5, classes, classes)
    for group in range(5):
        own = groups == group
        np.testing.assert_array_equal(counts[group], metrics.confusion(truth[own], predicted[own], classes))
    np.testing.assert_array_equal(counts.sum(axis=0), metrics.confusion(truth, predicted, classes))


def test_leading_axes_are_scored_as_one_by_one() -> None:
    counts = np.random.default_rng(0).integers(0, 4, (2, 3, 5, 4, 4))
    for metric in (metrics.uf1, metrics.uar, metrics.accuracy, metrics.f1, metrics.recall, metrics.precision):
        together = metric(counts)
        assert together.shape[:3] == (2, 3, 5)
        for place in np.ndindex(2, 3, 5):
            np.testing.assert_array_equal(together[place], metric(counts[place]))


def test_uf1_of_the_pooled_folds_is_not_the_mean_of_the_folds() -> None:
    # Fold one: 3 of 4 negatives found, one called positive. Fold two: its only clip, a positive, found.
    folds = np.array([[[3, 1], [0, 0]], [[0, 0], [0, 1]]])
    pooled = folds.sum(axis=0)
    assert metrics.f1(pooled) == pytest.approx([6 / 7, 2 / 3])
    assert metrics.uf1(pooled) == pytest.approx((6 / 7 + 2 / 3) / 2)
    assert metrics.uar(pooled) == pytest.approx((3 / 4 + 1) / 2)
    assert metrics.accuracy(pooled) == pytest.approx(4 / 5)
    means = metrics.per_fold_means(folds)
    assert means.uf1 == pytest.approx(((6 / 7 + 0) / 2 + 1) / 2)
    assert means.uar == pytest.approx((3 / 4 + 1) / 2)
    assert means.accuracy == pytest.approx((3 / 4 + 1) / 2)


@given(labelled())
def test_per_fold_means_equal_scikit_learn_on_each_fold_alone(
    sample: tuple[int, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    classes, truth, predicted, folds = sample
    means = metrics.per_fold_means(metrics.grouped_confusion(truth, predicted, classes, folds, 4))
    alone = [(truth[folds == fold], predicted[folds == fold]) for fold in np.unique(folds)]
    assert means.uf1 == pytest.approx(np.mean([f1_score(*fold, average="macro") for fold in alone]))
    assert means.accuracy == pytest.approx(np.mean([accuracy_score(*fold) for fold in alone]))


def test_a_class_in_neither_truth_nor_prediction_does_not_count() -> None:
    counts = metrics.confusion([0, 0, 1], [0, 1, 1], classes=3)
    assert np.isnan(metrics.f1(counts)[2])
    assert metrics.uf1(counts) == pytest.approx(2 / 3)


def test_a_class_predicted_but_not_in_truth_counts_for_uf1_and_not_for_uar() -> None:
    counts = metrics.confusion([0, 0], [0, 2], classes=3)
    assert metrics.uf1(counts) == pytest.approx((2 / 3 + 0) / 2)
    assert metrics.uar(counts) == pytest.approx(1 / 2)


def test_no_clips_give_nan_and_no_warning() -> None:
    empty = np.zeros((3, 3), np.int64)
    assert all(np.isnan(metric(empty)) for metric in (metrics.uf1, metrics.uar, metrics.accuracy))


@pytest.mark.parametrize(("truth", "predicted"), [([0, 3], [0, 1]), ([0, 1], [0, -1]), ([0, 0.5], [0, 1])])
def test_a_class_number_out_of_range_is_refused(truth: list[float], predicted: list[float]) -> None:
    with pytest.raises(MebenchError, match="is not one of 0 to 2"):
        metrics.confusion(truth, predicted, classes=3)


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(MebenchError, match="one number a clip"):
        metrics.confusion([0, 1, 1], [0], classes=2)


@given(st.integers(1, 12).flatmap(lambda clips: arrays(np.int64, (2, clips, 4), elements=st.integers(0, 1))))
def test_action_unit_metrics_equal_those_of_scikit_learn(both: np.ndarray) -> None:
    truth, predicted = both
    counts = metrics.au_confusion(truth, predicted)[0]
    occurs = truth.any(axis=0)
    np.testing.assert_array_equal(metrics.au_occurs(counts), occurs)
    binary = [f1_score(t, p) if t.any() else np.nan for t, p in zip(truth.T, predicted.T, strict=True)]
    macro = [
        f1_score(t, p, average="macro", labels=[0, 1], zero_division=np.nan) if t.any() else np.nan
        for t, p in zip(truth.T, predicted.T, strict=True)
    ]
    np.testing.assert_allclose(metrics.au_f1(counts), binary)
    np.testing.assert_allclose(metrics.au_f1_macro(counts), macro)
    if occurs.any():
        assert metrics.mean_au_f1(counts) == pytest.approx(np.nanmean(binary))
        assert metrics.mean_au_f1_macro(counts) == pytest.approx(np.nanmean(macro))
    else:
        assert np.isnan(metrics.mean_au_f1(counts))


def test_action_units_are_counted_group_by_group() -> None:
    truth, predicted = np.random.default_rng(1).integers(0, 2, (2, 20, 3))
    groups = np.arange(20) % 4
    counts = metrics.au_confusion(truth, predicted, groups, 4)
    assert counts.shape == (4, 3, 2, 2)
    for group in range(4):
        own = groups == group
        np.testing.assert_array_equal(counts[group], metrics.au_confusion(truth[own], predicted[own])[0])


def test_action_units_of_other_shapes_or_values_are_refused() -> None:
    with pytest.raises(MebenchError, match="one column an action unit"):
        metrics.au_confusion(np.zeros((3, 2)), np.zeros((3, 1)))
    with pytest.raises(MebenchError, match="is not one of 0 to 1"):
        metrics.au_confusion([[2]], [[1]])

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from mebench.features.inputs import ApexFrame, Input
from mebench.models.base import Context, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.models.sklearn import SklearnModel

CLASSES = ("negative", "positive", "surprise")


class Brightness(SklearnModel):
    """One number a clip, and an estimator that the test chooses."""

    def __init__(self, kind: type = LogisticRegression) -> None:
        super().__init__()
        self.kind = kind
        self.seeds: list[int] = []

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=2)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        rows: np.ndarray = features["apex"][:].reshape(len(features["apex"]), -1) / 255
        return rows

    def estimator(self, seed: int) -> Any:
        self.seeds.append(seed)
        return self.kind(random_state=seed)


def pictures(folder: Path, labels: list[int]) -> dict[str, FeatureView]:
    """Clips whose brightness is their label."""
    path = folder / f"{'-'.join(map(str, labels))}.npy"
    np.save(path, np.array([np.full((2, 2, 3), 100 * label, np.uint8) for label in labels]))
    return {"apex": FeatureView((path,), np.zeros(len(labels), int), np.arange(len(labels)))}


def fitted(model: SklearnModel, folder: Path, labels: list[int], seed: int = 7) -> SklearnModel:
    train = TrainSet(
        pictures(folder, labels),
        np.array(labels),
        np.zeros((len(labels), 0), np.uint8),
        np.zeros(len(labels), int),
    )
    model.fit(train, Context(seed, CLASSES, ()))
    return model


def probabilities(model: SklearnModel, folder: Path, labels: list[int]) -> np.ndarray:
    return model.predict(TestSet(pictures(folder, labels), len(labels))).probabilities


@pytest.mark.parametrize("kind", [LogisticRegression, LinearSVC])
def test_a_separable_problem_is_learnt_with_and_without_predict_proba(kind: type, tmp_path: Path) -> None:
    model = fitted(Brightness(kind), tmp_path, [0, 1, 2] * 10)
    found = probabilities(model, tmp_path, [2, 0, 1, 1])
    assert found.argmax(1).tolist() == [2, 0, 1, 1]
    assert found.sum(1) == pytest.approx(1)
    assert (set(np.unique(found)) == {0.0, 1.0}) == (kind is LinearSVC), "no probabilities are made up"


@pytest.mark.parametrize("kind", [LogisticRegression, LinearSVC])
def test_a_class_that_the_training_fold_lacks_gets_probability_zero(kind: type, tmp_path: Path) -> None:
    found = probabilities(fitted(Brightness(kind), tmp_path, [0, 2] * 5), tmp_path, [2, 0])
    assert found.shape == (2, 3)
    assert found[:, 1].tolist() == [0.0, 0.0]
    assert found.argmax(1).tolist() == [2, 0]


def test_a_fold_of_one_class_is_learnt_as_that_class(tmp_path: Path) -> None:
    found = probabilities(fitted(Brightness(), tmp_path, [1, 1, 1]), tmp_path, [0, 2])
    assert found.tolist() == [[0.0, 1.0, 0.0]] * 2


def test_fitting_again_forgets_the_fold_before(tmp_path: Path) -> None:
    model = fitted(Brightness(), tmp_path, [1, 1, 1])
    fitted(model, tmp_path, [0, 1, 2] * 10)
    assert probabilities(model, tmp_path, [2]).argmax() == 2


def test_a_63_bit_seed_becomes_one_that_scikit_learn_takes(tmp_path: Path) -> None:
    model = Brightness()
    fitted(model, tmp_path, [0, 1], seed=2**62 + 5)
    fitted(model, tmp_path, [0, 1], seed=6)
    assert model.seeds == [5, 6]

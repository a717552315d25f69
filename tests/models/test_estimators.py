from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mebench.errors import MebenchError
from mebench.models.estimators import learnt, put_learnt

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(60, 5)) + np.arange(60)[:, None] % 3, np.arange(60) % 3

KINDS = {
    "linear": lambda: SVC(kernel="linear", C=0.5, class_weight="balanced"),
    "rbf": lambda: SVC(kernel="rbf"),
    "poly": lambda: SVC(kernel="poly"),
    "scaled": lambda: make_pipeline(StandardScaler(), SVC(kernel="linear")),
    "reduced": lambda: make_pipeline(StandardScaler(), PCA(3), "passthrough", SVC()),
    "nested": lambda: make_pipeline(make_pipeline(StandardScaler(), PCA(2)), LogisticRegression()),
    "linear-svc": LinearSVC,
    "logistic": LogisticRegression,
    "bayes": GaussianNB,
    "discriminant": LinearDiscriminantAnalysis,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [2, 3])
def test_an_estimator_that_got_back_what_it_learnt_says_the_same_to_the_bit(kind: str, classes: int) -> None:
    x, y = X[classes > Y], Y[classes > Y]
    fitted: Any = KINDS[kind]().fit(x, y)
    again: Any = KINDS[kind]()
    arrays = learnt(fitted)
    assert all(each.dtype.kind in "biuf" for each in arrays.values())
    put_learnt(again, {name: each.copy() for name, each in arrays.items()})
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(fitted, method):
            assert getattr(again, method)(x).tobytes() == getattr(fitted, method)(x).tobytes()


@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
def test_the_probabilities_of_a_support_vector_machine_come_back_too() -> None:
    fitted = SVC(probability=True, random_state=1).fit(X, Y)
    again = SVC(probability=True, random_state=1)
    put_learnt(again, learnt(fitted))
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()


def test_one_that_learns_other_objects_is_refused_by_their_name() -> None:
    with pytest.raises(
        MebenchError, match=r"RandomForestClassifier cannot be kept: it learns estimator, a Dec"
    ):
        learnt(RandomForestClassifier(3).fit(X, Y))


def test_arrays_of_another_pipeline_are_refused() -> None:
    arrays = learnt(KINDS["scaled"]().fit(X, Y))
    with pytest.raises(MebenchError, match=r"they have standardscaler\.\S+, and it has no step"):
        put_learnt(SVC(), arrays)


@pytest.mark.parametrize(
    "name", ["support_", "support_vectors_", "_n_support", "_dual_coef_", "_intercept_", "_probA"]
)
def test_a_support_vector_machine_of_torn_arrays_is_refused(name: str) -> None:
    arrays = learnt(SVC().fit(X, Y))
    for torn in (
        np.ones((1,) * arrays[name].ndim, arrays[name].dtype),
        np.concatenate([arrays[name], arrays[name][:1]]),
        np.zeros((7, 7)),
    ):
        if torn.shape != arrays[name].shape:
            with pytest.raises(MebenchError, match="the weights are not those of this SVC"):
                put_learnt(SVC(), {**arrays, name: torn})


def test_numbers_of_support_vectors_that_lead_outside_of_them_are_refused() -> None:
    arrays = learnt(SVC().fit(X, Y))
    counts = arrays["_n_support"] + np.array([-100, 100, 0], np.int32)
    for wrong in (counts, arrays["_n_support"] + 1):
        with pytest.raises(MebenchError, match=r"its classes have .* support vectors, and there are"):
            put_learnt(SVC(), {**arrays, "_n_support": wrong})

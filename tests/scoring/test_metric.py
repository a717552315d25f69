"""Metrics of plugins: the same draws of subjects as the built-in scores, and nothing else believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from invented import invented_cohort, store_run

from mebench.api import Metric, Registry, predicted
from mebench.errors import MebenchError
from mebench.scoring.metric import metric_score
from mebench.scoring.metrics import confusion, uf1
from mebench.scoring.rebuild import Pooled, read_predictions, score_pooled


class OwnUf1(Metric):
    def __call__(self, labels, probabilities):  # type: ignore[no-untyped-def]
        return uf1(confusion(labels, predicted(probabilities), probabilities.shape[1]))


class Given(Metric):
    """Gives what it is made with; raises it where that is an exception."""

    def __init__(self, answer: object, least: int = 0) -> None:
        self.answer, self.least = answer, least

    def __call__(self, labels, probabilities):  # type: ignore[no-untyped-def]
        if len(np.unique(labels)) < self.least:
            return float("nan")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Pooled:
    """Two seeds of a run on two datasets, wrong of some clips."""
    entry = registry.get("model", "majority")
    cohort = invented_cohort(datasets=("casme3", "samm"))
    runs: Path = tmp_path_factory.mktemp("runs")
    return read_predictions(store_run(runs, cohort, entry, entry.load()(), wrong=7, seeds=(0, 1)))


def test_a_plugin_s_own_uf1_equals_the_built_in_with_bounds_and_by_dataset(pooled: Pooled) -> None:
    scores, own = score_pooled(pooled), metric_score(OwnUf1(), "own", pooled)
    built_in = scores["uf1"]
    assert {name: own[name] for name in built_in} == built_in  # type: ignore[literal-required]
    assert 0 < own["low"] < own["mean"] < own["high"] < 1  # type: ignore[operator]
    assert own["per_dataset"] == {name: block["uf1"] for name, block in scores["per_dataset"].items()}
    assert list(own["per_dataset"]) == ["casme3", "samm"]


def test_a_draw_for_which_a_metric_is_not_defined_does_not_count(pooled: Pooled) -> None:
    found = metric_score(Given(0.5, least=4), "given", pooled, replicates=20)
    assert (found["mean"], found["low"], found["high"]) == (0.5, 0.5, 0.5)
    nowhere = metric_score(Given(0.5, least=9), "given", pooled, replicates=20)
    assert (nowhere["mean"], nowhere["low"], nowhere["high"]) == (None, None, None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            ValueError("only one\nclass"),
            r"'mine' failed on 24 clips of 4 classes \(ValueError: only one class\): ",
        ),
        (None, "gave NoneType where one number is due"),
        ("0.5", "gave str where one number"),
        (np.ones(2), "gave ndarray where one number"),
        (1j, "gave complex where one number"),
    ],
    ids=["raises", "none", "text", "array", "complex"],
)
def test_what_is_no_number_is_one_sentence(pooled: Pooled, answer: object, said: str) -> None:
    with pytest.raises(MebenchError, match=said):
        metric_score(Given(answer), "mine", pooled, replicates=1)

"""Metrics of plugins: the same draws of subjects as the built-in scores, and nothing else believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from invented import invented_cohort, store_run

from mebench.api import Metric, Registry, predicted
from mebench.errors import MebenchError
from mebench.scoring.draws import subject_weights
from mebench.scoring.metric import metric_score
from mebench.scoring.metrics import confusion, uf1
from mebench.scoring.percentiles import expanded_percentiles
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


def test_a_plugin_s_own_uf1_equals_the_built_in_and_has_bounds_also_by_dataset(pooled: Pooled) -> None:
    scores, own = score_pooled(pooled), metric_score(OwnUf1(), "own", pooled)
    assert list(own["per_dataset"]) == ["casme3", "samm"]
    of_datasets = [
        (own["per_dataset"][name], scores["per_dataset"][name]["uf1"]) for name in own["per_dataset"]
    ]
    for mine, built_in in ((own, scores["uf1"]), *of_datasets):
        for name in ("mean", "sd", "per_seed"):
            assert mine[name] == built_in[name]  # type: ignore[literal-required]
        assert 0 <= mine["low"] < mine["mean"] < mine["high"] <= 1  # type: ignore[operator]


def test_its_bounds_are_expanded_percentiles_of_the_draws_of_the_built_in_scores(pooled: Pooled) -> None:
    own = metric_score(OwnUf1(), "own", pooled, replicates=50)
    cohort = pooled.cohort.set_index("key").loc[list(pooled.clips["keys"])]
    pairs = list(zip(cohort["dataset"], cohort["subject"], strict=True))
    order = sorted(set(pairs), key=lambda pair: (pair[0], int(pair[1].rpartition(".")[2])))
    weights = subject_weights([dataset for dataset, _ in order], 50)
    drawn = []
    for times in weights:
        rows = [row for row, pair in enumerate(pairs) for _ in range(times[order.index(pair)])]
        each = [
            OwnUf1()(np.asarray(pooled.truth)[rows], np.array(pooled.predictions[seed])[rows])
            for seed in (0, 1)
        ]
        drawn.append(np.mean(each))
    expected = expanded_percentiles(np.array(drawn), len(order), 2, 0.95)
    assert (own["low"], own["high"]) == pytest.approx(expected)


def test_percentiles_are_expanded_as_with_students_t() -> None:
    """Of 10 subjects: t of 9 degrees of freedom is 2.262, times the root of 10 / 9 is 2.385, a normal's 0.86 %."""
    low, high = expanded_percentiles(np.arange(10_001) / 10_000, 10, 1, 0.95)
    assert (round(100 * low, 2), round(100 * high, 2)) == (0.86, 99.14)
    assert expanded_percentiles(np.arange(10_001) / 10_000, 10**7, 1, 0.95) == pytest.approx((0.025, 0.975))
    assert np.isnan(expanded_percentiles(np.arange(3.0), 2, 1, 0.95)).all()
    assert np.isnan(expanded_percentiles(np.full(3, np.nan), 9, 1, 0.95)).all()


def test_a_draw_for_which_a_metric_is_not_defined_does_not_count(pooled: Pooled) -> None:
    found = expanded_percentiles(np.array([0.1, np.nan, 0.2, 0.4]), subjects=5, strata=1, level=0.95)
    assert found == expanded_percentiles(np.array([0.1, 0.2, 0.4]), subjects=5, strata=1, level=0.95)
    assert 0.1 < found.low < found.high < 0.4
    # No subject moves this one: what it would be for others is not known.
    constant = metric_score(Given(0.5, least=4), "given", pooled, replicates=20)
    assert (constant["mean"], constant["low"], constant["high"]) == (0.5, None, None)
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

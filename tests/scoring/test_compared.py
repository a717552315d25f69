"""Runs compared: which may be, which seeds and clips count, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold, LeaveOneDatasetOut, Split
from mebench.errors import MebenchError
from mebench.scoring.compared import compare_pooled
from mebench.scoring.rebuild import Pooled, read_predictions, score_run


@dataclass(frozen=True)
class Twice(Split):
    """Each subject by itself, twice."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        people = list(dict.fromkeys(clips["group"]))
        tested = [
            (repeat, person, (clips["group"] == person).to_numpy()) for repeat in (0, 1) for person in people
        ]
        return tuple(
            Fold(f"{person} in repeat {repeat}", np.flatnonzero(~mask), np.flatnonzero(mask), repeat)
            for repeat, person, mask in tested
        )

    def __str__(self) -> str:
        return "each subject, twice"


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return invented_cohort(5, 4, datasets=("casme3", "samm"))


def wrong(cohort: Cohort, share: float, seed: int = 0) -> np.ndarray:
    """Class numbers (n,) of which about a share is wrong."""
    random = np.random.default_rng(seed)
    truth = cohort.clips["label"].to_numpy()
    return np.where(random.random(len(truth)) < share, (truth + 1) % len(EMOTIONS), truth)


def pooled(runs: Path, cohort: Cohort, share: float, seed: int = 0, **change: object) -> Pooled:
    told = wrong(cohort, share, seed)
    return read_predictions(record_run(runs, cohort, lambda _: told, **change))  # type: ignore[arg-type]


def test_scores_are_those_of_the_runs_and_the_difference_what_the_second_has_more(
    tmp_path: Path, cohort: Cohort
) -> None:
    poor, good = wrong(cohort, 0.7), wrong(cohort, 0.1)
    a = record_run(tmp_path / "a", cohort, lambda _: poor)
    b = record_run(tmp_path / "b", cohort, lambda _: good)
    found = compare_pooled(read_predictions(a), read_predictions(b))
    assert set(found) == {"uf1", "uar", "accuracy"}
    for name in ("uf1", "uar", "accuracy"):
        one, other = score_run(a)[name]["mean"], score_run(b)[name]["mean"]
        assert (found[name]["a"], found[name]["b"]) == (one, other)
        assert found[name]["difference"] == pytest.approx(other - one)
        assert found[name]["low"] < found[name]["difference"] < found[name]["high"]
        assert found[name]["p"] < 0.05


def test_only_seeds_that_both_have_count(tmp_path: Path, cohort: Cohort) -> None:
    good, poor = wrong(cohort, 0.0), wrong(cohort, 0.9)
    a = record_run(tmp_path / "a", cohort, lambda task: poor if task.seed == 1 else good, seeds=(1, 2, 3))
    b = record_run(tmp_path / "b", cohort, lambda task: poor if task.seed == 9 else good, seeds=(2, 3, 9))
    found = compare_pooled(read_predictions(a), read_predictions(b))["uf1"]
    assert (found["a"], found["b"], found["difference"], found["p"]) == (1.0, 1.0, 0.0, 1.0)


def test_several_seeds_are_means_and_a_subject_counts_once(tmp_path: Path, cohort: Cohort) -> None:
    good, poor = wrong(cohort, 0.1), wrong(cohort, 0.4, 3)
    once, often = (
        compare_pooled(
            pooled(tmp_path / f"a{n}", cohort, 0.1, seeds=range(n)),
            pooled(tmp_path / f"b{n}", cohort, 0.4, 3, seeds=range(n)),
        )
        for n in (1, 4)
    )
    # The same answers with more seeds are no more evidence.
    assert not np.array_equal(good, poor)
    assert once == often


def test_repeats_of_a_split_are_compared_repeat_by_repeat(tmp_path: Path) -> None:
    cohort = invented_cohort(5, 4, split=Twice())
    good, poor = wrong(cohort, 0.0), wrong(cohort, 1.0)
    a = record_run(
        tmp_path / "a", cohort, lambda task: good if "repeat 0" in task.fold else poor, seeds=(2, 5)
    )
    b = record_run(tmp_path / "b", cohort, lambda _: good, seeds=(1, 5))
    found = compare_pooled(read_predictions(a), read_predictions(b))["accuracy"]
    assert (found["a"], found["b"]) == (0.5, 1.0)


def test_action_units_are_compared_where_both_runs_detect_them(tmp_path: Path, cohort: Cohort) -> None:
    truth = cohort.clips["label"].to_numpy()
    with_units = [
        record_run(tmp_path / name, cohort, lambda _: truth, aus=lambda _, aus=aus: aus)
        for name, aus in (("a", np.full(cohort.aus.shape, 0.9)), ("b", cohort.aus))
    ]
    without = record_run(tmp_path / "c", cohort, lambda _: truth)
    a, b, c = map(read_predictions, (*with_units, without))
    found = compare_pooled(a, b)
    assert found["au_f1"]["a"] == score_run(with_units[0])["au"]["f1"]["mean"]
    assert found["au_f1"]["b"] == 1.0
    assert found["au_f1"]["p"] < 0.05
    assert "au_f1" not in compare_pooled(a, c)


def test_protocols_of_action_units_alone_have_nothing_else(tmp_path: Path) -> None:
    cohort = invented_cohort(datasets=("one", "two"), classes=(), labels={}, split=LeaveOneDatasetOut())
    a = record_run(tmp_path / "a", cohort, aus=lambda _: np.ones(cohort.aus.shape))
    b = record_run(tmp_path / "b", cohort, aus=lambda _: cohort.aus)
    found = compare_pooled(read_predictions(a), read_predictions(b))
    assert list(found) == ["au_f1"]
    assert found["au_f1"]["b"] == 1.0


def test_other_clips_are_refused_with_how_many_and_an_example(tmp_path: Path, cohort: Cohort) -> None:
    a = pooled(tmp_path / "a", cohort, 0.1)
    b = pooled(tmp_path / "b", invented_cohort(4, 4, datasets=("casme3", "samm")), 0.1)
    with pytest.raises(MebenchError, match=r"8 only the former, 0 only the latter, such as casme3/spNO\.5/a"):
        compare_pooled(a, b)


def test_other_labels_are_refused_with_how_many_and_an_example(tmp_path: Path, cohort: Cohort) -> None:
    a = pooled(tmp_path / "a", cohort, 0.1)
    columns = {name: list(cells) for name, cells in a.columns.items()}
    columns["class"][1], columns["label"][1] = "happy", "0"
    with pytest.raises(MebenchError, match=r"other labels for 1 of 40 clips, such as casme3/spNO\.1/b"):
        compare_pooled(a, replace(a, columns=columns))


def test_other_action_units_of_a_clip_are_refused(tmp_path: Path, cohort: Cohort) -> None:
    told = wrong(cohort, 0.1)
    a = read_predictions(record_run(tmp_path / "a", cohort, lambda _: told, aus=lambda _: cohort.aus))
    columns = {name: list(cells) for name, cells in a.columns.items()}
    columns["au4"][1] = "1"
    with pytest.raises(MebenchError, match="other labels for 1 of 40 clips"):
        compare_pooled(a, replace(a, columns=columns))


def test_other_classes_are_refused(tmp_path: Path, cohort: Cohort) -> None:
    other = invented_cohort(5, 4, datasets=("casme3", "samm"), classes=EMOTIONS[::-1])
    with pytest.raises(MebenchError, match=r"other classes.*compare runs of one protocol"):
        compare_pooled(pooled(tmp_path / "a", cohort, 0.1), pooled(tmp_path / "b", other, 0.1))


def test_runs_without_a_seed_in_common_are_refused(tmp_path: Path, cohort: Cohort) -> None:
    with pytest.raises(MebenchError, match=r"no training seed in common \(0 1; 7\)"):
        compare_pooled(
            pooled(tmp_path / "a", cohort, 0.1, seeds=(0, 1)), pooled(tmp_path / "b", cohort, 0.1, seeds=(7,))
        )


def test_a_repeated_split_beside_a_single_one_is_refused(tmp_path: Path) -> None:
    once, twice = invented_cohort(5, 4), invented_cohort(5, 4, split=Twice())
    with pytest.raises(MebenchError, match=r"repeats its split 1 times and .* 2"):
        compare_pooled(pooled(tmp_path / "a", once, 0.1), pooled(tmp_path / "b", twice, 0.1))


def test_the_order_of_clips_in_a_cohort_does_not_matter(tmp_path: Path, cohort: Cohort) -> None:
    a, b = pooled(tmp_path / "a", cohort, 0.1), pooled(tmp_path / "b", cohort, 0.4, 3)
    turned = replace(
        b, columns={name: cells[::-1] for name, cells in b.columns.items()}, folds={0: b.folds[0][::-1]}
    )
    assert compare_pooled(a, turned) == compare_pooled(a, b)

"""Calibration, answers by subject and clip, and units beside emotions, of runs whose answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.scoring.by_clip import clip_rows, subject_rows
from mebench.scoring.calibration import calibration
from mebench.scoring.rebuild import Pooled, read_predictions
from mebench.scoring.unit_relations import unit_relations

COHORT = invented_cohort(4, 5)
TRUTH = COHORT.clips["label"].to_numpy()
N = len(TRUTH)


class Said:
    """Predictions as :class:`Pooled` has them."""

    def __init__(self, truth: Any, *sets: Any) -> None:
        self.truth = np.array(truth)
        self.predictions = {seed: np.array(each, float) for seed, each in enumerate(sets)}


def test_the_error_is_the_distance_of_confidence_from_being_right_weighted_by_answers() -> None:
    # Two answers said with .9, of which one is right; two with .6, both right.
    said = Said([0, 0, 1, 1], [[0.9, 0.1], [0.1, 0.9], [0.4, 0.6], [0.4, 0.6]])
    found = calibration(said)  # type: ignore[arg-type]
    assert found["ece"]["mean"] == pytest.approx((2 * 0.4 + 2 * 0.4) / 4)
    full = {bin_["low"]: bin_ for bin_ in found["bins"] if bin_["answers"]}
    assert {low: bin_["right"] for low, bin_ in full.items()} == {0.5: 1.0, 0.8: 0.5}
    assert full[0.8]["confidence"] == pytest.approx(0.9)


def test_the_error_is_of_each_seed_and_the_bins_of_all() -> None:
    said = Said([0, 1], [[1, 0], [0, 1]], [[0, 1], [1, 0]])
    found = calibration(said)  # type: ignore[arg-type]
    assert found["ece"]["per_seed"] == [0.0, 1.0]
    assert found["bins"][9] == {"low": 0.9, "high": 1.0, "answers": 4, "confidence": 1.0, "right": 0.5}
    assert found["bins"][0]["right"] is None


def test_a_probability_a_little_above_one_is_in_the_last_bin() -> None:
    found = calibration(Said([0], [[1 + 1e-6, 0.0]]))  # type: ignore[arg-type]
    assert found["bins"][9]["answers"] == 1
    assert found["bins"][9]["confidence"] == 1.0


def pooled(folder: Path, *told: np.ndarray, **change: Any) -> Pooled:
    seeds = tuple(range(len(told)))
    return read_predictions(record_run(folder, COHORT, lambda task: told[task.seed], seeds=seeds, **change))


def test_the_hardest_clip_is_wrong_most_often_and_says_for_what_it_was_taken(tmp_path: Path) -> None:
    first, second = TRUTH.copy(), TRUTH.copy()
    first[[3, 7]] = (TRUTH[[3, 7]] + 1) % 4
    second[3] = (TRUTH[3] + 2) % 4
    found = pooled(tmp_path, first, second, TRUTH)
    keys, columns = COHORT.clips["key"], found.columns
    rows = clip_rows(found)
    assert [row["clip"] for row in rows[:2]] == [keys[3], keys[7]]
    assert (rows[0]["wrong"], rows[0]["answers"], rows[1]["wrong"]) == (2, 3, 1)
    due = sorted(COHORT.protocol.classes[(TRUTH[3] + n) % 4] for n in (1, 2))
    assert rows[0]["told"] == dict.fromkeys(due, 1)
    assert rows[0]["probability"] == pytest.approx(1 / 3)
    assert not any(row["wrong"] for row in rows[2:])
    subjects = {row["subject"]: row for row in subject_rows(found)}
    assert len(subjects) == 4
    assert subjects[columns["subject"][3]]["right"] == pytest.approx(1 - 2 / 15)
    assert subjects[columns["subject"][7]]["right"] == pytest.approx(1 - 1 / 15)
    assert sum(row["clips"] for row in subjects.values()) == N


def test_units_are_shares_of_the_clips_of_each_emotion(tmp_path: Path) -> None:
    units = COHORT.aus
    found = read_predictions(record_run(tmp_path, COHORT, lambda _: TRUTH, aus=lambda _: 1 - units))
    relations = unit_relations(found)
    assert relations is not None
    assert relations["clips"] == [5] * 4
    assert dict(zip(relations["classes"], relations["coded"], strict=True)) == {
        **dict(zip(EMOTIONS, ([0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0]), strict=True))
    }
    assert np.allclose(np.array(relations["detected"]) + np.array(relations["coded"]), 1)


def test_a_run_without_units_has_no_relation(tmp_path: Path) -> None:
    assert unit_relations(pooled(tmp_path, TRUTH)) is None

"""Repeated splits: every clip is tested once a repeat, and scores are means over repeats with their spread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invented import EMOTIONS, factory_of, invented_cohort, planned
from repeated_splits import Twice

from mebench.cli import main
from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold, LeaveOneSubjectOut
from mebench.errors import MebenchError
from mebench.leaderboard.build import build_leaderboards
from mebench.models.base import Predictions
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.runner.jobs import FoldResult
from mebench.scoring.outside_scores import score_outside
from mebench.scoring.rebuild import score_run


@pytest.fixture
def cohort() -> Cohort:
    return invented_cohort(4, 4, split=Twice())


def store(runs: Path, registry: Registry, cohort: Cohort, seeds: tuple[int, ...] = (0,)) -> RunDirectory:
    """Record a run that is right in the first repeat and wrong for one subject in the second."""
    entry = registry.get("model", "majority")
    factory = factory_of(cohort)
    truth, groups = cohort.clips["label"].to_numpy(), cohort.clips["group"].to_numpy()
    with planned(runs, cohort, entry, entry.load()(), seeds=seeds) as plan:
        for task in plan.tasks:
            wrong = task.fold.endswith("repeat 1") & (groups == "casme3/spNO.1")
            told = np.eye(len(EMOTIONS))[np.where(wrong, (truth + 1) % len(EMOTIONS), truth)]
            asked = factory.job(task).test.features["frame"].rows
            result = FoldResult(Predictions(told[asked]), 0.5, 0.1, 80.0)
            plan.directory.write_record(task, factory.record(task, result))
    return plan.directory


def test_every_repeat_has_a_column_of_folds_of_its_own(cohort: Cohort) -> None:
    assert cohort.repeats == 2
    assert cohort.clips["fold"].str.endswith("repeat 0").all()
    assert cohort.clips["fold_2"].str.endswith("repeat 1").all()
    assert cohort.manifest != invented_cohort(4, 4).manifest


def test_scores_are_means_over_repeats_with_their_spread(
    tmp_path: Path, registry: Registry, cohort: Cohort
) -> None:
    scores = score_run(store(tmp_path, registry, cohort))
    assert (scores["clips"], scores["folds"], scores["seeds"], scores["repeats"]) == (16, 4, [0], 2)
    assert scores["accuracy"]["per_seed"] == [1.0, 0.75]
    assert scores["accuracy"]["mean"] == 0.875
    assert scores["accuracy"]["sd"] == pytest.approx(0.25 / np.sqrt(2))
    assert scores["per_fold_means"]["accuracy"]["per_seed"] == [1.0, 0.75]
    assert np.sum(scores["confusion"]["sum"]) == 32


def test_two_seeds_of_two_repeats_are_four_sets_of_predictions(
    tmp_path: Path, registry: Registry, cohort: Cohort
) -> None:
    scores = score_run(store(tmp_path, registry, cohort, seeds=(3, 7)))
    assert (scores["seeds"], scores["repeats"]) == ([3, 7], 2)
    assert scores["uar"]["per_seed"] == [1.0, 0.75, 1.0, 0.75]


def test_a_repeat_without_a_record_leaves_a_run_without_a_score(
    tmp_path: Path, registry: Registry, cohort: Cohort
) -> None:
    directory = store(tmp_path, registry, cohort)
    next(directory.path.glob("folds/*repeat_1*.json")).unlink()
    with pytest.raises(MebenchError, match="repeat 1 of seed 0 has no record"):
        score_run(directory)


def test_a_table_says_that_figures_are_means_over_repeats(
    tmp_path: Path, registry: Registry, cohort: Cohort
) -> None:
    store(tmp_path / "runs", registry, cohort)
    build_leaderboards(tmp_path / "runs", tmp_path / "tables")
    assert "means over 2 repeats of the split" in (tmp_path / "tables" / "four.md").read_text()


def test_show_says_how_many_repeats_and_their_spread(
    tmp_path: Path, registry: Registry, cohort: Cohort, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = store(tmp_path, registry, cohort)
    with pytest.raises(SystemExit):
        main(["show", str(directory.path)])
    said = capsys.readouterr().out
    assert re.search(r"^accuracy  87\.50 ± 17\.68", said, re.MULTILINE)
    assert "4 folds, seeds 0, 2 repeats;" in said
    assert "all seeds and repeats" in said


def test_a_file_of_one_prediction_a_clip_cannot_answer_a_repeated_split(cohort: Cohort) -> None:
    with pytest.raises(MebenchError, match="four tests every clip 2 times"):
        score_outside(cohort, [])


def test_folds_named_by_numbers_are_read_back_as_names(tmp_path: Path, registry: Registry) -> None:
    @dataclass(frozen=True)
    class Numbered(LeaveOneSubjectOut):
        def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
            made = super().folds(clips)
            return tuple(Fold(f"0{n}", fold.train, fold.test) for n, fold in enumerate(made))

    scores = score_run(store(tmp_path, registry, invented_cohort(4, 4, split=Numbered())))
    assert (scores["folds"], scores["accuracy"]["mean"]) == (4, 1.0)
    assert "repeats" not in scores

"""Protocols that ask for action units alone: records without classes, scores of units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented import factory_of, invented_cohort, planned

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.splits import GivenParts, LeaveOneDatasetOut
from mebench.display.view import SilentView
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.models.base import Predictions
from mebench.plugin.loading import load_plugins
from mebench.records import Task
from mebench.runner.jobs import FoldResult
from mebench.runner.options import RunOptions
from mebench.runner.run import execute
from mebench.scoring.rebuild import score_run


@pytest.fixture
def cohort() -> Cohort:
    return invented_cohort(datasets=("one", "two"), classes=(), labels={}, split=LeaveOneDatasetOut())


def result_of(aus: np.ndarray | None, clips: int) -> FoldResult:
    return FoldResult(Predictions(np.empty((clips, 0)), aus), 0.1, 0.1, 1.0)


def test_every_clip_takes_part_whatever_its_emotion(cohort: Cohort) -> None:
    assert len(cohort.clips) == 24
    assert set(cohort.clips["label"]) == {-1}
    assert [fold.name for fold in cohort.folds] == ["one", "two"]


def test_a_perfect_detector_scores_one_and_each_dataset_has_its_own_score(
    cohort: Cohort, tmp_path: Path
) -> None:
    entry = load_plugins().registry.get("model", "majority")
    model = entry.load()()
    factory = factory_of(cohort)
    with planned(tmp_path, cohort, entry, model) as plan:
        for task, fold in zip(plan.tasks, cohort.folds, strict=True):
            shuffled = fold.test[factory._shuffle(task)]
            plan.directory.write_record(
                task, factory.record(task, result_of(cohort.aus[shuffled].astype(float), len(shuffled)))
            )
        scores = score_run(plan.directory)
    assert scores["classes"] == []
    assert scores["au"]["f1"]["mean"] == 1.0
    assert set(scores["au"]["per_dataset"]) == {"one", "two"}


def test_a_model_without_action_units_costs_its_fold(cohort: Cohort) -> None:
    with pytest.raises(MebenchError, match="detects no action units"):
        factory_of(cohort).record(Task(0, "one"), result_of(None, 12))


def test_a_model_that_predicts_classes_alone_is_refused_before_anything_runs(
    cohort: Cohort, tmp_path: Path
) -> None:
    entry = load_plugins().registry.get("model", "difference-svm")
    with pytest.raises(MebenchError, match="asks for action units alone"):
        execute(
            entry,
            entry.load()(),
            cohort,
            RunOptions(runs=tmp_path / "runs"),
            FeatureStore(tmp_path / "cache"),
            observer=SilentView(),
        )
    assert not (tmp_path / "runs").exists()


def test_clips_of_a_given_training_part_are_never_scored(tmp_path: Path) -> None:
    whole = invented_cohort()
    data = whole.data[0]
    parts = ["train" if subject == "spNO.1" else "test" for subject in data.table["subject"]]
    given = replace(data, table=data.table.assign(part=parts))
    cohort = build_cohort(replace(whole.protocol, split=GivenParts("train")), [given])
    assert [(fold.name, len(fold.train), len(fold.test)) for fold in cohort.folds] == [("test", 4, 8)]
    entry = load_plugins().registry.get("model", "majority")
    factory = factory_of(cohort)
    with planned(tmp_path, cohort, entry, entry.load()()) as plan:
        (task,) = plan.tasks
        probabilities = np.eye(4)[np.zeros(8, int)]
        plan.directory.write_record(
            task, factory.record(task, FoldResult(Predictions(probabilities), 0.1, 0.1, 1.0))
        )
        assert score_run(plan.directory)["clips"] == 8

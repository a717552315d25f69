"""Which epoch predicts: the rules, who chooses, and what the record says of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from in_process import InProcess
from invented import factory_of, invented_cohort
from spy_models import EPOCHS, FIRST_LABEL

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.cohort.splits import LeaveOneDatasetOut
from mebench.data.locations import Location
from mebench.display.view import SilentView
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.store import FeatureStore
from mebench.models.base import Predictions
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.runner.executor import run_jobs
from mebench.runner.jobs import FoldResult
from mebench.runner.named import named_model
from mebench.runner.options import RunOptions
from mebench.runner.run import execute
from mebench.runner.selection import best_epoch

PLUGINS = load_plugins()
TASK = Task(0, "casme3/spNO.2")


def said(cohort: Cohort, right: list[int], task: Task = TASK) -> tuple[Predictions, ...]:
    """Return predictions of epochs as a worker gives them: of each, so many of the fold's clips are told rightly."""
    fold = next(fold for fold in cohort.folds if fold.name == task.fold)
    order = factory_of(cohort)._shuffle(task)
    labels = cohort.clips["label"].to_numpy()[fold.test]
    epochs = []
    for number, each in enumerate(right):
        chosen = np.where(np.arange(len(labels)) < each, labels, (labels + 1) % 4)
        shares = np.full((len(labels), 4), 0.1 - number / 1000)
        shares[np.arange(len(labels)), chosen] = 0.7 + 3 * number / 1000
        epochs.append(Predictions(shares[order]))
    return tuple(epochs)


def record_of(cohort: Cohort, epochs: tuple[Predictions, ...], **change: object) -> dict:
    result = FoldResult(epochs[-1], 1.0, 1.0, 1.0, epochs=epochs)
    return factory_of(cohort, **{"selection": "oracle", **change}).record(TASK, result)


def test_the_oracle_takes_the_earliest_epoch_of_most_right_clips() -> None:
    cohort = invented_cohort()
    record = record_of(cohort, said(cohort, [1, 3, 2, 3, 2]))
    assert (record["epoch"], record["equal_epochs"], record["epochs"]) == (2, [2, 4], 5)
    fold = cohort.folds[1]
    keys = cohort.clips["key"].iloc[fold.test].tolist()
    labels = cohort.clips["label"].iloc[fold.test].tolist()
    assert [each["clip"] for each in record["predictions"]] == keys
    assert [each["clip"] for each in record["last"]] == keys
    chosen, last = (
        [int(np.argmax(each["probabilities"])) for each in record[name]] for name in ("predictions", "last")
    )
    assert [a == b for a, b in zip(chosen, labels, strict=True)] == [True, True, True, False]
    assert [a == b for a, b in zip(last, labels, strict=True)] == [True, True, False, False]
    assert max(record["predictions"][0]["probabilities"]) == pytest.approx(0.703), "of epoch 2, not of 4"


def test_the_last_epoch_says_nothing_of_epochs_in_its_record() -> None:
    cohort = invented_cohort()
    (only,) = said(cohort, [2])
    record = factory_of(cohort).record(TASK, FoldResult(only, 1.0, 1.0, 1.0))
    assert not {"epoch", "epochs", "equal_epochs", "last", "validated_on"} & set(record)


def test_an_answer_without_epochs_is_no_answer_to_the_oracle() -> None:
    cohort = invented_cohort()
    result = FoldResult(said(cohort, [2])[0], 1.0, 1.0, 1.0)
    with pytest.raises(MebenchError, match="no predictions of each epoch"):
        factory_of(cohort, selection="oracle").record(TASK, result)


def test_every_epochs_predictions_are_looked_at() -> None:
    cohort = invented_cohort()
    epochs = said(cohort, [1, 2, 3])
    broken = (replace(epochs[0], probabilities=epochs[0].probabilities * 2), *epochs[1:])
    with pytest.raises(MebenchError, match="not between 0 and 1"):
        record_of(cohort, broken)


def test_of_action_units_alone_the_oracle_takes_the_highest_mean_f1() -> None:
    cohort = invented_cohort(datasets=("one", "two"), classes=(), labels={}, split=LeaveOneDatasetOut())
    task = Task(0, "one")
    factory = factory_of(cohort, selection="oracle")
    truth = cohort.aus[cohort.folds[0].test[factory._shuffle(task)]].astype(float)
    none = np.empty((len(truth), 0))
    # Saying "absent" always is right more often than saying "present", and finds nothing.
    epochs = tuple(Predictions(none, units) for units in (truth * 0, truth * 0 + 1, truth, truth))
    record = factory.record(task, FoldResult(epochs[-1], 1.0, 1.0, 1.0, epochs=epochs))
    assert (record["epoch"], record["equal_epochs"]) == (3, [3, 4])
    record = factory.record(task, FoldResult(epochs[1], 1.0, 1.0, 1.0, epochs=epochs[:2]))
    assert record["epoch"] == 2


def test_where_no_score_is_known_the_last_epoch_stands() -> None:
    assert best_epoch([np.nan, 0.0, np.nan]).epoch == 2
    assert best_epoch([np.nan, np.nan]).epoch == 2


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process by /proc")
def test_no_label_of_a_test_clip_is_anywhere_in_the_memory_of_an_oracle_worker(tmp_path: Path) -> None:
    cohort = invented_cohort(subjects=4, clips=3)
    labels = FIRST_LABEL + np.arange(12)
    cohort = replace(cohort, clips=cohort.clips.assign(label=labels))
    factory = factory_of(cohort, target="spy_models:Spy", selection="oracle", logs=tmp_path, features={})
    fold = cohort.folds[1]
    job = factory.job(Task(0, fold.name))
    (*_, event) = run_jobs([job], workers=1)
    assert isinstance(event.outcome, FoldResult), event.outcome
    assert len(event.outcome.epochs) == EPOCHS
    seen = {
        line.partition(",")[0]: {int(each) for each in line.split(",")[1:]}
        for line in job.log.read_text().splitlines()
    }
    assert list(seen) == ["fit", f"predict {EPOCHS}", *(f"predict {e}" for e in range(1, EPOCHS))]
    assert seen["fit"] == set(labels[fold.train]), "it sees what there is"
    for found in seen.values():
        assert not found & set(labels[fold.test])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    return FeatureStore(tmp_path_factory.mktemp("features"))


@pytest.fixture(scope="module")
def cohort(registry: Registry, twin: Path) -> Cohort:
    return open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})


def run(
    cohort: Cohort, store: FeatureStore, runs: Path, name: str = "ststnet", **options: object
) -> RunDirectory:
    named = named_model(PLUGINS, name, settings={"epochs": 4} if name == "ststnet" else {})
    chosen = RunOptions(runs=runs, **options)
    outcome = execute(named.entry, named.model, cohort, chosen, store, SilentView(), executor=InProcess())
    assert outcome.failed == {}
    return outcome.directory


def test_the_last_epoch_under_the_oracle_is_that_of_a_run_that_chooses_nothing(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    plain, oracle = (run(cohort, store, tmp_path, selection=rule) for rule in ("last", "oracle"))
    assert plain.path != oracle.path
    described = [each.read_run() for each in (plain, oracle)]
    assert [each["selection"] for each in described] == ["last", "oracle"]
    assert [each["decided_by"]["selection"] for each in described] == ["last", "oracle"]
    chosen = set()
    for fold in cohort.folds:
        one, other = (each.read_record(Task(0, fold.name)) for each in (plain, oracle))
        assert one is not None
        assert other is not None
        assert one["predictions"] == other["last"]
        assert one["curves"] == other["curves"]
        assert other["epochs"] == 4
        assert (other["predictions"] == other["last"]) == (other["epoch"] == 4)
        chosen.add(other["epoch"])
    assert chosen - {4}, "some fold was better before its end"


def test_a_rule_that_a_model_cannot_follow_is_refused_before_anything_is_computed(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    for rule in ("inner", "oracle"):
        with pytest.raises(MebenchError, match=f"'majority' keeps no epochs, of which the rule '{rule}'"):
            run(cohort, store, tmp_path / "runs", "majority", selection=rule)
    assert not (tmp_path / "runs").exists()
    with pytest.raises(UnknownNameError, match=r"no epoch rule named 'orcale': did you mean 'oracle'\?"):
        RunOptions(selection="orcale")


def test_two_training_subjects_are_too_few_to_split_any_off(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    with pytest.raises(MebenchError, match="a fold has 2 of them where at least 3 are due"):
        run(cohort, store, tmp_path / "runs", selection="inner")
    assert not (tmp_path / "runs").exists()

"""``--folds-together``: one sealed process for several folds, what it is told and when, and what records say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.display.view import SilentView
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.models.base import Progress
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.runner.assignment import gathered
from mebench.runner.jobs import Failure, FoldResult, Job, JobFactory
from mebench.runner.named import NamedModel, named_model
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Outcome
from mebench.runner.preparing import prepare
from mebench.runner.run import execute
from mebench.runner.together.assignment import assignment_of_all
from mebench.runner.together.executor import TogetherExecutor
from mebench.runner.together.process import TogetherProcess
from mebench.scoring.trust import trust_marks, trust_of
from mebench.sealed.in_force import is_full
from mebench.sealed.process import wait_any

pytest.importorskip("torch")

PLUGINS = load_plugins()
MODELS = Path(__file__).parents[1] / "kit" / "joined_models.py"


@pytest.fixture(scope="module")
def cohort(registry: Registry, twin: Path) -> Cohort:
    return open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    return FeatureStore(tmp_path_factory.mktemp("features"))


def of_file(name: str = "Joined", **settings: Any) -> NamedModel:
    return named_model(PLUGINS, f"{MODELS}:{name}", settings=settings)


def executed(named: NamedModel, cohort: Cohort, store: FeatureStore, runs: Path, **options: Any) -> Outcome:
    options = {"runs": runs, "folds_together": True, "device": "cpu", **options}
    return execute(named.entry, named.model, cohort, RunOptions(**options), store, SilentView())


def jobs_of(
    named: NamedModel, cohort: Cohort, store: FeatureStore, folder: Path, **changes: Any
) -> list[Job]:
    options = RunOptions(runs=folder, folds_together=True, device="cpu")
    ready = prepare(named.entry, named.model, cohort, options, store, lambda *_: None)
    factory: JobFactory = replace(ready.factory(folder / "logs"), **changes)
    return [factory.job(Task(0, fold.name)) for fold in cohort.folds]


def records(directory: RunDirectory) -> dict[str, dict[str, Any]]:
    found = (json.loads(file.read_text()) for file in sorted(directory.path.glob("folds/*.json")))
    return {each["fold"]: each for each in found}


def probabilities(record: dict[str, Any]) -> np.ndarray:
    return np.array([row["probabilities"] for row in record["predictions"]])


def test_every_fold_says_what_it_says_alone_and_its_record_says_that_it_was_not(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = of_file()
    one = executed(named, cohort, store, tmp_path)
    other = executed(named, cohort, store, tmp_path, folds_together=False, workers=1)
    assert one.missing == other.missing == 0
    assert one.directory.path != other.directory.path
    assert one.run["decided_by"]["folds_together"] is True
    assert "folds_together" not in other.run["decided_by"]
    names = [fold.name for fold in cohort.folds]
    for fold, record in records(one.directory).items():
        due = records(other.directory)[fold]
        np.testing.assert_allclose(probabilities(record), probabilities(due), atol=1e-5)
        np.testing.assert_allclose(record["curves"]["loss"], due["curves"]["loss"], rtol=1e-4)
        assert record["together"] == [{"seed": 0, "fold": name} for name in names]
        assert record["isolation"] == f"{due['isolation']}, folds together"
        for name in ("derived_seed", "trained_on", "device", "precision", "threads"):
            assert record[name] == due[name]
        assert "together" not in due
    found = trust_of(records(one.directory).values())  # type: ignore[arg-type]
    assert not is_full(found["isolation"])
    assert trust_marks(found) == [f"isolation {found['isolation']}"]
    assert found["checks"].keys() == {"again", "reversed", "alone"}
    assert "Traceback" not in (one.directory.path / "logs" / "seed0-casme3_spNO.1.log").read_text()


def test_the_process_gets_each_training_clip_once_and_no_test_clip_before_the_last_fold_is_trained(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    jobs = jobs_of(of_file(), cohort, store, tmp_path)
    assigned, features = assignment_of_all(jobs)
    assert len(features["apex"]) == len(cohort.clips)
    arrays = gathered(features)
    for fold, job in enumerate(jobs):
        train = assigned.train_set(fold, assigned.views(arrays))
        np.testing.assert_array_equal(train.features["apex"][:], job.train.features["apex"][:])
        np.testing.assert_array_equal(train.labels, job.train.labels)
        # Nothing is there twice.
        view = train.features["apex"]
        assert np.shares_memory(view._arrays[0], arrays["apex"])
    with TogetherProcess(jobs) as folds:
        sent: list[str] = []
        send = folds.process.send

        def watched(message: Any, told: Any = None) -> None:
            sent.append("predict" if "predict" in message else "finish")
            assert all(each.doing != "training" for each in folds._going.values())
            send(message, told)

        folds.process.send = watched  # type: ignore[method-assign]
        ended = dict(_ended(folds))
    assert not any(isinstance(each, Failure) for each in ended.values())
    assert sent.count("predict") == sent.count("finish") == len(jobs)


def _ended(folds: TogetherProcess) -> Iterator[tuple[str, Any]]:
    while not folds.over:
        wait_any([folds.process], folds.seconds_left)
        for task, outcome in folds.happened():
            if not isinstance(outcome, Progress):
                yield task.fold, outcome


def test_a_run_that_was_interrupted_trains_what_is_missing_and_no_more(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = of_file()
    whole = executed(named, cohort, store, tmp_path / "whole")
    first = executed(named, cohort, store, tmp_path / "parts", folds=1)
    assert first.missing == 2
    (begun,) = records(first.directory).values()
    assert len(begun["together"]) == 1
    second = executed(named, cohort, store, tmp_path / "parts")
    assert (second.done_before, second.done_now, second.missing) == (1, 2, 0)
    found = records(second.directory)
    assert found[begun["fold"]] == begun
    for fold, record in records(whole.directory).items():
        np.testing.assert_allclose(probabilities(found[fold]), probabilities(record), atol=1e-5)


def test_an_interrupted_training_leaves_no_record_and_no_process(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    jobs = jobs_of(of_file(act="wait", path=str(tmp_path / "never")), cohort, store, tmp_path)
    events = TogetherExecutor().run(iter(jobs), workers=len(jobs))
    assert [next(events).task.fold for _ in jobs] == [job.task.fold for job in jobs]
    events.close()  # type: ignore[attr-defined]

    class Stopped(SilentView):
        def progress(self, task: Task, progress: Progress) -> None:
            raise KeyboardInterrupt

    named = of_file()
    options = RunOptions(runs=tmp_path / "runs", folds_together=True, device="cpu")
    with pytest.raises(KeyboardInterrupt):
        execute(named.entry, named.model, cohort, options, store, Stopped())
    assert not list(tmp_path.glob("runs/*/*/folds/*"))
    assert executed(named, cohort, store, tmp_path / "runs").missing == 0


def test_a_fold_that_fails_costs_no_other(cohort: Cohort, store: FeatureStore, tmp_path: Path) -> None:
    """Its training, or what it answers; a process that dies costs all that it had."""
    jobs = jobs_of(of_file(), cohort, store, tmp_path)
    jobs[1] = replace(jobs[1], settings={**jobs[1].settings, "act": "explode"})
    with TogetherProcess(jobs) as folds:
        ended = dict(_ended(folds))
    failed = ended.pop(jobs[1].task.fold)
    assert isinstance(failed, Failure)
    assert "the training loss became" in failed.reason
    assert all(isinstance(each, FoldResult) for each in ended.values())
    assert len(ended) == 2
    killed = executed(of_file(act="kill"), cohort, store, tmp_path / "killed")
    assert len(killed.failed) == 3
    assert all("its worker process was killed while training" in why for why in killed.failed.values())
    unsure = executed(of_file(act="unsure"), cohort, store, tmp_path / "unsure")
    assert all("probabilities of a clip sum to 0" in why for why in unsure.failed.values())


def test_all_folds_at_a_time_are_as_many_as_the_workers(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    done = executed(of_file(), cohort, store, tmp_path, workers=2, seeds=(0, 1))
    assert done.missing == 0
    assert sorted(len(each["together"]) for each in records(done.directory).values()) == [2, 2, 2]
    stems = {tuple(sorted((t["seed"], t["fold"]) for t in r["together"])) for r in _all(done.directory)}
    assert len(stems) == 3


def _all(directory: RunDirectory) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in directory.path.glob("folds/*.json")]


def test_a_model_that_uses_what_other_folds_learn_from_is_marked(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    """What a fold's own process keeps apart, a process of several folds does not: so its isolation is never full."""
    named = of_file("Peeking")
    alone = executed(named, cohort, store, tmp_path, folds_together=False, workers=1)
    together = executed(named, cohort, store, tmp_path)
    assert together.scores is not None
    assert together.scores["accuracy"]["mean"] == 1.0
    assert alone.scores is not None
    assert alone.scores["accuracy"]["mean"] < 1.0
    assert together.scores["isolation"].endswith(", folds together")
    with pytest.raises(MebenchError, match="--require-isolation asks for folds that cannot see each other's"):
        RunOptions(folds_together=True, require_isolation=True)


def test_what_cannot_be_is_said_before_anything_is_computed(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    with pytest.raises(
        MebenchError, match="--folds-together cannot train 'difference-svm': it is no network"
    ):
        executed(named_model(PLUGINS, "difference-svm"), cohort, store, tmp_path)
    with pytest.raises(MebenchError, match="--executor slurm would spread them"):
        RunOptions(folds_together=True, executor="slurm")
    assert not list(tmp_path.iterdir())


def test_models_are_kept_of_folds_that_train_together(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    done = executed(of_file(), cohort, store, tmp_path, save_models=True)
    assert len(list((done.directory.path / "models").iterdir())) == 3


def test_bytes_that_are_no_message_of_several_folds_end_all(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    for message, why in (
        ({"each": [[0, {"fitted": True}]]}, "which is no progress of a fold"),
        ({"each": 3}, "which is no progress of a fold"),
        ({"fold": 7, "fitted": True}, "has no such fold"),
        ({"fold": True, "fitted": True}, "has no such fold"),
        ({"hello": 1}, "none of its messages"),
    ):
        folds = TogetherProcess(jobs_of(of_file(), cohort, store, tmp_path))
        with folds, pytest.raises(MebenchError, match=why):
            folds._hear(message, {})

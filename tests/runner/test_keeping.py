"""Kept models of a run's folds and of a whole cohort: what is written, when, and what is refused."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import InProcess

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.display.view import SilentView
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.store import FeatureStore
from mebench.models.base import TestSet
from mebench.models.features import cohort_view
from mebench.models.fitted import load_fitted, read_about
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.runner.fitting import fit_whole
from mebench.runner.jobs import FoldResult
from mebench.runner.named import NamedModel, named_model
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Outcome
from mebench.runner.run import execute

PLUGINS = load_plugins()
MODELS = Path(__file__).parents[1] / "kit" / "forgetful_models.py"


@pytest.fixture(scope="module")
def cohort(registry: Registry, twin: Path) -> Cohort:
    return open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    return FeatureStore(tmp_path_factory.mktemp("features"))


def of_file(name: str, **settings: Any) -> NamedModel:
    return named_model(PLUGINS, f"{MODELS}:{name}", settings=settings)


def executed(
    named: NamedModel, cohort: Cohort, store: FeatureStore, runs: Path, executor: Any = None, **options: Any
) -> Outcome:
    options = {"runs": runs, "save_models": True, "workers": 1, **options}
    return execute(
        named.entry,
        named.model,
        cohort,
        RunOptions(**options),
        store,
        SilentView(),
        executor=executor or InProcess(),
    )


def fitted_to(
    out: Path,
    named: NamedModel,
    cohort: Cohort,
    store: FeatureStore,
    *,
    replaced: bool = False,
    **options: Any,
) -> Path:
    options = RunOptions(**options)
    return fit_whole(
        named.entry, named.model, cohort, options, store, lambda *_: None, out, replaced=replaced
    )


def test_a_folds_kept_model_says_of_its_test_clips_what_its_record_says(
    cohort: Cohort, store: FeatureStore, registry: Registry, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "difference-svm")
    outcome = executed(named, cohort, store, tmp_path / "runs", seeds=(3,))
    kept = sorted((outcome.directory.path / "models").iterdir())
    assert [each.name for each in kept] == [f"seed3-casme3_spNO.{n}" for n in (1, 2, 3)]
    arrays = {
        name: {"casme3": store.get(cohort.data[0], wanted)} for name, wanted in named.model.inputs().items()
    }
    for fold, folder in zip(cohort.folds, kept, strict=True):
        fitted = load_fitted(folder.rename(tmp_path / folder.name), registry)
        views = {name: cohort_view(cohort, each).take(fold.test) for name, each in arrays.items()}
        said = fitted.model.predict(TestSet(views, len(fold.test)))
        record = json.loads((outcome.directory.path / "folds" / f"{folder.name}.json").read_text())
        assert [each["probabilities"] for each in record["predictions"]] == said.probabilities.tolist()
        about = fitted.about
        assert (about["fold"], about["seed"], about["trained_on"]) == (fold.name, 3, len(fold.train))
        assert (about["derived_seed"], about["synthetic"]) == (record["derived_seed"], True)
        assert (about["protocol"], about["manifest"]) == ("casme3-4c", cohort.manifest)
        assert about["data"][0]["sha256"] == cohort.data[0].sha256
        assert about["prepared"] == {"casme3": None}
        assert "spNO" not in json.dumps({**about, "fold": ""})
        assert str(tmp_path) not in json.dumps(about)


def test_keeping_models_is_no_part_of_what_a_run_is_and_changes_no_record(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "majority")
    one = executed(named, cohort, store, tmp_path / "a").directory
    other = executed(named, cohort, store, tmp_path / "b", save_models=False).directory
    assert one.path.name == other.path.name
    assert not (other.path / "models").exists()
    for file in (one.path / "folds").iterdir():
        first, second = (json.loads((each.path / "folds" / file.name).read_text()) for each in (one, other))
        assert first["predictions"] == second["predictions"]


def test_folds_recorded_without_their_model_are_named_and_fresh_makes_them(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "majority")
    executed(named, cohort, store, tmp_path, folds=2, save_models=False)
    with pytest.warns(
        MebenchWarning, match=r"^2 recorded fold\(s\) have no kept model \(casme3/spNO.1 seed 0, c"
    ):
        directory = executed(named, cohort, store, tmp_path).directory
    assert len(list((directory.path / "models").iterdir())) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        executed(named, cohort, store, tmp_path, folds="spNO.3")  # this one is kept
        executed(named, cohort, store, tmp_path, fresh=True)
    assert len(list((directory.path / "models").iterdir())) == 3
    assert len(list((directory.path / "set-aside" / "1" / "models").iterdir())) == 1


def test_a_model_that_a_killed_process_left_without_a_record_is_replaced(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "majority")
    directory = executed(named, cohort, store, tmp_path).directory
    (directory.path / "folds" / "seed0-casme3_spNO.2.json").unlink()
    weights = directory.path / "models" / "seed0-casme3_spNO.2" / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(b"half")
    executed(named, cohort, store, tmp_path)
    assert weights.read_bytes() == whole


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "Forest",
            r"fitted \S+:Forest cannot be kept: RandomForestClassifier cannot be kept: it learns estimator,",
        ),
        ("Mute", r"fitted \S+:Mute cannot be kept: it defines no state\(\)"),
    ],
)
def test_a_model_that_cannot_be_kept_is_refused_before_anything_is_computed(
    name: str, sentence: str, cohort: Cohort, tmp_path: Path
) -> None:
    store = FeatureStore(tmp_path / "features")
    for start in (
        lambda: executed(of_file(name), cohort, store, tmp_path / "runs"),
        lambda: fitted_to(tmp_path / "kept", of_file(name), cohort, store),
    ):
        with pytest.raises(MebenchError, match=sentence):
            start()
    assert sorted(each.name for each in tmp_path.iterdir()) == []
    assert executed(of_file(name), cohort, store, tmp_path / "runs", save_models=False).missing == 0


def test_the_epoch_best_on_test_clips_is_never_kept(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "ststnet", settings={"epochs": 1})
    with pytest.raises(
        MebenchError, match=r"the rule 'oracle' .* keep models with --selection last or inner"
    ):
        executed(named, cohort, store, tmp_path, selection="oracle")
    with pytest.raises(MebenchError, match="the rule 'oracle'"):
        fitted_to(tmp_path / "kept", named, cohort, store, selection="oracle")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("HalfKept", r"HalfKept cannot be kept: restored from its state\(\) it predicts otherwise"),
        (
            "OutsideOfTheNetwork",
            r"OutsideOfTheNetwork cannot be kept: restored from its state\(\) it predicts",
        ),
        ("Words", r"state\(\) of Words gave no arrays of numbers by name"),
    ],
)
def test_what_a_state_forgets_is_found_in_the_fold_not_by_who_uses_it(
    name: str, sentence: str, cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    named = of_file(name, **({"epochs": 1} if name.startswith("Out") else {}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MebenchWarning)
        outcome = executed(named, cohort, store, tmp_path, folds=1)
    (reason,) = outcome.failed.values()
    assert re.search(sentence, reason)
    assert not (outcome.directory.path / "models").exists()


def test_an_executor_that_loses_the_state_is_named(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    class Losing(InProcess):
        def run(self, jobs: Any, *, workers: int, preload: Any = ()) -> Any:
            for event in super().run(jobs, workers=workers, preload=preload):
                if isinstance(event.outcome, FoldResult):
                    object.__setattr__(event.outcome, "state", None)
                yield event

    with pytest.raises(MebenchError, match="the executor gave back no fitted model"):
        executed(named_model(PLUGINS, "majority"), cohort, store, tmp_path, executor=Losing())


def test_a_whole_cohort_is_learnt_in_one_process_and_kept(
    cohort: Cohort, store: FeatureStore, registry: Registry, tmp_path: Path
) -> None:
    reports: list[tuple[str, int, int]] = []
    named = named_model(PLUGINS, "majority")
    options = RunOptions(seeds=(4,))
    out = fit_whole(
        named.entry,
        named.model,
        cohort,
        options,
        store,
        lambda *each: reports.append(each),
        tmp_path / "a" / "b",
    )
    assert out == tmp_path / "a" / "b"
    fitted = load_fitted(out, registry)
    shares = np.bincount(cohort.clips["label"], minlength=4) / len(cohort.clips)
    assert fitted.model.predict(TestSet({}, 2)).probabilities.tolist() == [shares.tolist()] * 2
    about = fitted.about
    assert (about["fold"], about["seed"], about["trained_on"]) == (None, 4, 12)
    assert sorted(each.name for each in out.parent.iterdir()) == ["b"]
    with pytest.raises(MebenchError, match="holds a kept model already"):
        fitted_to(out, named, cohort, store)
    fitted_to(out, named_model(PLUGINS, "difference-svm"), cohort, store, replaced=True)
    assert read_about(out)["model"] == "difference-svm"


def test_a_link_is_followed_to_the_folder_that_it_names(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for target in ("empty", "new"):
        link = tmp_path / f"to-{target}"
        link.symlink_to(tmp_path / target)
        for replaced in (False, True):
            fitted_to(link, named_model(PLUGINS, "majority"), cohort, store, replaced=replaced)
            assert link.is_symlink()
            assert read_about(tmp_path / target)["model"] == "majority"
    assert not list(tmp_path.glob(".*"))


def test_a_setting_that_only_predictions_read_is_read(
    cohort: Cohort, store: FeatureStore, registry: Registry, tmp_path: Path
) -> None:
    out = fitted_to(tmp_path / "kept", of_file("Kept", gain=2.0), cohort, store)
    fitted = load_fitted(out, registry, model=f"{MODELS}:Kept")
    assert fitted.about["settings"] == {"gain": 2.0}
    assert fitted.about["local_code"]["file"] == MODELS.name
    with pytest.raises(
        MebenchError, match=r"a model forgetful_models.py:Kept, whose code is not here: there is no"
    ):
        load_fitted(out, registry)


def test_the_inner_rule_keeps_the_chosen_epoch(
    cohort: Cohort, store: FeatureStore, registry: Registry, tmp_path: Path
) -> None:
    named = named_model(PLUGINS, "ststnet", settings={"epochs": 3})
    about = read_about(fitted_to(tmp_path / "kept", named, cohort, store, selection="inner"))
    assert about["selection"] == "inner"
    assert 1 <= about["epoch"] <= 3
    assert about["trained_on"] < 12


def test_a_failure_leaves_its_traceback_and_no_model(
    cohort: Cohort, store: FeatureStore, tmp_path: Path
) -> None:
    with pytest.raises(MebenchError, match=r"predicts otherwise.*\(its traceback is in .*kept\.error\.txt\)"):
        fitted_to(tmp_path / "kept", of_file("HalfKept"), cohort, store)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.error.txt"]
    assert "Traceback" in (tmp_path / "kept.error.txt").read_text()
    fitted_to(tmp_path / "kept", of_file("Kept"), cohort, store)
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_a_stopped_fit_leaves_nothing(twin: Path, tmp_path: Path) -> None:
    command = ("fit", "majority", "casme3", "--data", str(twin), "--out", "kept/a")
    long = ("fit", "ststnet", *command[2:], "--set", "epochs=10000", "--set", "lr=1e-5")
    process = subprocess.Popen(
        [sys.executable, "-m", "mebench", *long],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(tmp_path.glob("kept/.a.*.part/*.log")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said.splitlines()[-1]) == (130, "stopped; kept/a was not written")
    assert list((tmp_path / "kept").iterdir()) == []

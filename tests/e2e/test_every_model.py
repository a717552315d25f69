"""Every registered model, by its name alone: a fold of it runs on a small twin, and a network trains as it should.

``mebench run NAME casme3 --synthetic --preset small``, but with one twin and one cache of features for all, and in
this process: importing torch anew for each model would take longer than all of them.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from in_process import InProcess
from invented import invented_sets
from kept_models import keep
from predict_kept import hexadecimal

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.display.view import SilentView
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.models.base import Context
from mebench.models.loading import load_model
from mebench.models.settings import left_open
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.records import Task
from mebench.runner.named import NamedModel, named_model
from mebench.runner.options import RunOptions
from mebench.runner.run import execute
from mebench.torchvision_shim import ensure_torchvision

PLUGINS = load_plugins()
EXAMPLES = {
    **{each.name: each for each in PLUGINS.registry.entries("model")},
    **{each.name + each.example: each for each in PLUGINS.registry.families("model")},
}
CLASSES = ("negative", "positive", "surprise")
UNITS = (1, 4, 12)


def loadable(name: str) -> None:
    """Skip where a library that the model says it needs is not here."""
    ensure_torchvision()
    for library in EXAMPLES[name].requires:
        pytest.importorskip(library, reason=f"{name} needs {library}, of {EXAMPLES[name].extra}")


def due(name: str) -> set[str]:
    """Return the settings without which the name alone does not make a model."""
    return left_open(load_model(PLUGINS.registry, name), PLUGINS.registry.get("model", name).settings)


def made(name: str, *, steps: int, epochs: int | None = None) -> NamedModel:
    """Return a model with its preset ``small``, if it has one; where ``epochs`` is None, with the preset's."""
    loadable(name)
    if missing := due(name):
        pytest.skip(f"{name} needs --set {missing.pop()}=...")
    fields = load_model(PLUGINS.registry, name).Settings.model_fields
    length = (
        {"steps": steps} if "steps" in fields else {"epochs": epochs} if epochs and "epochs" in fields else {}
    )
    return named_model(PLUGINS, name, trial=True, settings=length)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """One cache for all: many read the same flow."""
    return FeatureStore(tmp_path_factory.mktemp("features"))


@pytest.fixture(scope="module")
def cohort(registry: Registry, twin: Path) -> Cohort:
    return open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})


def test_a_name_is_enough_for_all_but_the_models_that_are_the_users_own() -> None:
    asked = {}
    for name in EXAMPLES:
        try:
            asked[name] = due(name)
        except MebenchError:  # a library of it is not installed
            continue
    assert {name: settings for name, settings in asked.items() if settings} == {"command": {"run"}}
    with pytest.raises(MebenchError, match=r"needs --set run=\.\.\.: the command line"):
        named_model(PLUGINS, "command")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fold_of_it_runs(name: str, cohort: Cohort, store: FeatureStore, tmp_path: Path) -> None:
    named = made(name, steps=20)
    options = RunOptions(runs=tmp_path, folds=1, workers=1)
    outcome = execute(named.entry, named.model, cohort, options, store, SilentView(), executor=InProcess())
    assert outcome.failed == {}
    assert (outcome.done_now, outcome.missing) == (1, 2)

    fold = cohort.folds[0]
    record = outcome.directory.read_record(Task(0, fold.name))
    assert record is not None
    predictions = record["predictions"]
    assert [each["clip"] for each in predictions] == cohort.clips["key"].iloc[fold.test].tolist()
    probabilities = np.array([each["probabilities"] for each in predictions])
    assert probabilities.shape == (4, len(cohort.protocol.classes))
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)

    losses = record.get("curves", {}).get("loss", [])
    assert all(loss is not None and math.isfinite(loss) for loss in losses)
    assert bool(losses) is named.model.accelerated


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_network_trains_as_it_should(name: str, tmp_path: Path) -> None:
    # Residual branches may end in a zero at first: what lies in them learns from the second step on.
    model = made(name, steps=3, epochs=2).model
    if not model.accelerated:
        pytest.skip(f"{name} is no network")
    from mebench.models.conformance import training_faults
    from mebench.models.torch import TorchModel

    def again() -> TorchModel:
        model = made(name, steps=3, epochs=2).model
        assert isinstance(model, TorchModel)
        return model

    train, test = invented_sets(model.inputs(), tmp_path, classes=3, clips=9, aus=len(UNITS))
    assert training_faults(again, train, test, Context(3, CLASSES, UNITS)) == []


def test_it_is_kept_moved_and_predicts_the_same_bytes_in_another_process(
    tmp_path: Path,
) -> None:
    """All in one process that loads them, whose imports would take longer than the rest."""
    context, said, asked, moved = Context(3, CLASSES, UNITS), {}, [], []
    for name in EXAMPLES:
        try:
            named = made(name, steps=2, epochs=1)
        except pytest.skip.Exception:  # a library of it is not here, or it is the user's own
            continue
        folder = tmp_path / f"model {len(said)}"
        clips = tmp_path / f"clips {len(said)}"
        clips.mkdir()
        test, said[name] = keep(named.entry, named.model, folder, clips, context)
        moved.append(folder.rename(tmp_path / f"moved {len(said)}"))
        asked.append(test)
    assert len(said) > 20
    (tmp_path / "asked").write_bytes(pickle.dumps(asked))
    done = subprocess.run(
        [sys.executable, "-m", "predict_kept", str(tmp_path / "asked"), *map(str, moved)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HF_HUB_OFFLINE": "1"},
    )
    answers = dict(zip(said, map(json.loads, done.stdout.splitlines()), strict=True))
    assert answers == {name: hexadecimal(each) for name, each in said.items()}
    assert "MebenchWarning" not in done.stderr


def test_only_what_is_the_users_own_cannot_be_kept() -> None:
    faults = {}
    for name in EXAMPLES:
        try:
            loadable(name)
        except pytest.skip.Exception:
            continue
        settings = {"run": "cp {test} {out}"} if due(name) else {}
        model = named_model(PLUGINS, name, trial=True, settings=settings).model
        faults[name] = model.keeping_fault(Context(3, CLASSES, UNITS))
    assert {name: fault[:46] for name, fault in faults.items() if fault} == {
        "command": "its command trains and predicts in one go, and"
    }

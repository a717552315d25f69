"""Every registered model, by its name alone, is kept, and predicts the same bytes in another process.

That each of them trains as it should is what the conformance kit asks: tests/testing/test_every_plugin.py.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from kept_models import keep
from predict_kept import hexadecimal

from mebench.errors import MebenchError
from mebench.models.base import Context
from mebench.models.loading import load_model
from mebench.models.settings import left_open
from mebench.plugin.loading import load_plugins
from mebench.runner.named import NamedModel, named_model
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

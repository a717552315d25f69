"""The package in docs/examples/ststnet: what an outside author writes to bring STSTNet."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from moved_regions import moved_regions  # noqa: E402

from mebench.models.base import Context, TestSet, TrainSet  # noqa: E402
from mebench.models.loading import load_model  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.ststnet import STSTNetModel  # noqa: E402

PACKAGE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "ststnet"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry that knows what the package registers, found by its entry point."""
    monkeypatch.syspath_prepend(PACKAGE)
    about = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    (name, module) = re.search(r'entry-points.mebench\]\n(\S+) = "(\w+)"', about).groups()  # type: ignore[union-attr]
    registry = Registry()
    with registry.owned_by(name):
        importlib.import_module(module).mebench_register(registry)
    return registry


def test_the_model_takes_25_lines() -> None:
    text = (PACKAGE / "mebench_ststnet" / "model.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 25
    assert {line.split()[1] for line in text.splitlines() if line.startswith("from ")} == {
        "torch",
        "mebench.api",
    }


def test_it_is_the_network_and_the_recipe_of_the_first_party_one(outside: Registry) -> None:
    kind = load_model(outside, "ststnet-outside")
    theirs, ours = kind(), STSTNetModel()
    assert theirs.inputs() == ours.inputs()
    for name in ("epochs", "batch_size", "lr"):
        assert getattr(theirs.settings, name) == getattr(ours.settings, name)
    empty = TrainSet({}, np.zeros(0, int), np.zeros((0, 0), np.uint8), np.zeros(0, int))
    context = Context(0, ("negative", "positive", "surprise"), ())
    counts = [sum(p.numel() for p in model.network(empty, context).parameters()) for model in (theirs, ours)]
    assert counts == [1683, 1683]


def test_it_learns(outside: Registry, tmp_path: Path) -> None:
    kind = load_model(outside, "ststnet-outside")
    model = kind(kind.Settings(epochs=60, batch_size=12, lr=5e-3))
    labels = [0, 1, 2] * 8
    train = TrainSet(
        moved_regions(tmp_path, labels),
        np.array(labels),
        np.zeros((len(labels), 0), np.uint8),
        np.arange(len(labels)),
        inputs=model.inputs(),
    )
    model.fit(train, Context(3, ("negative", "positive", "surprise"), ()))
    test = TestSet(moved_regions(tmp_path, labels, seed=1), len(labels), inputs=model.inputs())
    assert np.mean(model.predict(test).probabilities.argmax(axis=1) == labels) > 0.8

"""The networks on frames and coloured flow, watched while they train for a moment."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mebench.torchvision_shim import ensure_torchvision  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

from small_fits import CONTEXT, clips, made, training  # noqa: E402

from mebench.models.base import TestSet  # noqa: E402
from mebench.models.loading import load_model  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402

# As small as they can be; two epochs, since timm's residual branches get no gradient in the first step.
SIZES = {
    "capsulenet": {"size": 136, "width": 8, "epochs": 2},
    "emr": {"width": 8, "epochs": 2},
    "mmnet": {"size": 32, "epochs": 2},
    "slstt": {"size": 32, "width": 48, "depth": 1, "frames": 2, "epochs": 2},
    "skd-tstsan": {"size": 16, "width": 8, "steps": 2},
}
LABELS = [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("name", SIZES)
def test_a_fitted_model_pickles(name: str, registry: Registry, tmp_path: Path) -> None:
    model = made(registry, name, **SIZES[name])
    model.fit(training(model, tmp_path, LABELS), CONTEXT)
    test = TestSet(clips(model, tmp_path, LABELS, seed=1), len(LABELS), inputs=model.inputs())
    again = pickle.loads(pickle.dumps(model))
    assert again.predict(test).probabilities.tolist() == model.predict(test).probabilities.tolist()


@pytest.mark.parametrize("name", SIZES)
def test_its_card_says_what_is_known_assumed_and_wrong(name: str, registry: Registry) -> None:
    kind = load_model(registry, name)
    assert kind.known
    assert kind.assumed
    assert kind.wrong
    assert registry.get("model", name).reference

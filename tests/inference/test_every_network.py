"""Every registered network can be explained and drawn, whatever it sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from looking import Fitted
from own_clips import moving, write_folder

from mebench.inference.clip import user_clip
from mebench.inference.explaining import UNACCOUNTED, explain
from mebench.inference.faces import Preparation
from mebench.inference.panels import groups
from mebench.inference.predicting import predict
from mebench.inference.window import Asked
from mebench.models.base import Context
from mebench.models.loading import load_model
from mebench.models.settings import make_settings
from mebench.models.stand_in import stand_in
from mebench.models.torch import TorchModel
from mebench.plugin.loading import load_plugins
from mebench.torchvision_shim import ensure_torchvision

pytest.importorskip("captum", reason="captum is not installed: pip install 'mebench[explain]'")
pytest.importorskip("cv2", reason="OpenCV is not installed: pip install 'mebench[flow]'")
pytest.importorskip("skimage", reason="scikit-image is not installed: pip install 'mebench[flow]'")

REGISTRY = load_plugins().registry
# Variants are the same code under other settings: one name of each class.
NETWORKS = {entry.target: entry for entry in reversed(REGISTRY.entries("model")) if "torch" in entry.requires}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("clips") / "clip", moving(7, apex=4))


@pytest.mark.parametrize("name", sorted(entry.name for entry in NETWORKS.values()))
def test_every_network_is_explained_by_numbers_that_add_up_and_a_picture(name: str, clip: Path) -> None:
    entry = REGISTRY.get("model", name)
    ensure_torchvision()
    for library in entry.requires:
        pytest.importorskip(library, reason=f"{name} needs {library}, of {entry.extra}")
    kind = load_model(REGISTRY, name)
    preset = "small" if "small" in kind.presets else None
    untrained = {"pretrained": None} if "pretrained" in kind.Settings.model_fields else {}
    model = kind(make_settings(kind, entry.settings, preset, untrained))
    assert isinstance(model, TorchModel)
    context = Context(1, ("negative", "positive", "surprise"), (4, 12))
    inputs = model.inputs()
    model.start(stand_in(inputs, context), context)
    about = {
        "model": name,
        "protocol": "invented-3c",
        "classes": context.classes,
        "aus": context.au_numbers,
        "inputs": {each: wanted.describe() for each, wanted in inputs.items()},
    }
    with user_clip(clip, Asked(apex=4), Preparation("as it is")) as own:
        said = predict(Fitted(model, about), own)
        found = explain(Fitted(model, about), own, said)
        drawn, other = groups(inputs, said.inputs, found, own.reader)
    assert found.unaccounted <= UNACCOUNTED
    assert any(added.any() for added in found.added.values())
    assert [group.name for group in drawn] == list(inputs)
    assert not other

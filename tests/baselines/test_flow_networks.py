from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from moved_regions import moved_regions  # noqa: E402

from mebench.features.flow_picture import FlowFiles  # noqa: E402
from mebench.models.base import Context, Model, TestSet, TrainSet  # noqa: E402
from mebench.models.loading import load_model  # noqa: E402
from mebench.models.settings import make_settings  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.flow_network import FlowNetwork  # noqa: E402
from mebench_datasets.megc2019_flow import Megc2019Flow  # noqa: E402

NETWORKS = (
    "ststnet",
    "off-apexnet",
    "dual-inception",
    "sssnet",
    "rcn-a",
    "rcn-s",
    "rcn-w",
    "rcn-p",
    "rcn-c",
    "rcn-f",
)
CLASSES = ("negative", "positive", "surprise")
LABELS = [0, 1, 2] * 8


def made(registry: Registry, name: str, preset: str | None = "small", **settings: object) -> Model:
    kind = load_model(registry, name)
    return kind(make_settings(kind, registry.get("model", name).settings, preset, settings))


def side_of(model: Model) -> int:
    return model.inputs()["flow"].shape[0]


def training(model: Model, folder: Path, labels: list[int] = LABELS) -> TrainSet:
    features = moved_regions(folder, labels, side_of(model))
    aus = np.zeros((len(labels), 0), np.uint8)
    return TrainSet(features, np.array(labels), aus, np.arange(len(labels)), inputs=model.inputs())


def unseen(model: Model, folder: Path, labels: list[int] = LABELS) -> TestSet:
    features = moved_regions(folder, labels, side_of(model), seed=1)
    return TestSet(features, len(labels), inputs=model.inputs())


@pytest.mark.parametrize("name", ["flow-svm", *NETWORKS])
def test_a_model_learns_which_part_of_the_face_moves(name: str, registry: Registry, tmp_path: Path) -> None:
    model = made(registry, name, None if name == "flow-svm" else "small")
    model.fit(training(model, tmp_path), Context(3, CLASSES, ()))
    told = model.predict(unseen(model, tmp_path)).probabilities
    assert told.shape == (len(LABELS), 3)
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)
    assert np.mean(told.argmax(axis=1) == LABELS) > 0.8


def test_every_network_on_a_flow_picture_runs_on_the_published_ones(registry: Registry) -> None:
    kinds = {entry.name: load_model(registry, entry.name) for entry in registry.entries("model")}
    names = [name for name, kind in kinds.items() if issubclass(kind, FlowNetwork)]
    assert set(NETWORKS) < set(names)
    for name in names:
        model = made(registry, name, None)
        assert Megc2019Flow().read_as(model.inputs()["flow"]) == FlowFiles(side_of(model)), name


@pytest.mark.parametrize("name", NETWORKS)
def test_a_fitted_model_survives_pickling(name: str, registry: Registry, tmp_path: Path) -> None:
    model = made(registry, name, epochs=1)
    model.fit(training(model, tmp_path), Context(3, CLASSES, ()))
    again = pickle.loads(pickle.dumps(model))
    test = unseen(model, tmp_path)
    assert again.predict(test).probabilities.tobytes() == model.predict(test).probabilities.tobytes()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_a_score_for_each_class_of_the_protocol(
    name: str, registry: Registry, tmp_path: Path
) -> None:
    model = made(registry, name, None)
    five = Context(0, (*CLASSES, "fear", "others"), ())
    train = training(model, tmp_path, [0, 1])
    scores, aus = model.outputs(
        model.network(train, five).eval(), {"flow": torch.from_numpy(train.features["flow"][:]).float()}
    )
    assert scores.shape == (2, 5)
    assert aus is None


@pytest.mark.parametrize("name", ["off-apexnet", "dual-inception"])
def test_the_networks_of_two_streams_do_not_read_the_strain(
    name: str, registry: Registry, tmp_path: Path
) -> None:
    model = made(registry, name)
    train = training(model, tmp_path, [0, 1])
    network = model.network(train, Context(0, CLASSES, ())).eval()
    flow = torch.from_numpy(train.features["flow"][:]).float()
    before = model.outputs(network, {"flow": flow})[0]
    for channel, read in ((0, True), (1, True), (2, False)):
        changed = flow.clone()
        changed[..., channel] = 255 - changed[..., channel]
        assert torch.equal(model.outputs(network, {"flow": changed})[0], before) is not read

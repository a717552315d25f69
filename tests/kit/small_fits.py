"""Made-up clips on which a network of measurements is built, trained for a moment and asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mebench.models.base import Context, TestSet, TrainSet
from mebench.models.batches import batches
from mebench.models.conformance import training_faults
from mebench.models.features import FeatureView
from mebench.models.loading import load_model
from mebench.models.settings import make_settings
from mebench.models.torch import TorchModel
from mebench.plugin.registry import Registry

CLASSES = ("negative", "positive", "surprise")
CONTEXT = Context(3, CLASSES, ())


def made(registry: Registry, name: str, preset: str | None = "small", **assigned: object) -> TorchModel:
    """Return a registered model with a preset and settings."""
    kind = load_model(registry, name)
    model = kind(make_settings(kind, registry.get("model", name).settings, preset, assigned))
    assert isinstance(model, TorchModel)
    return model


def clips(model: TorchModel, folder: Path, labels: list[int], seed: int = 0) -> dict[str, FeatureView]:
    """Noise of the shape that the model asks for; a class moves a corner of the face of its own."""
    rng = np.random.default_rng(seed)
    features = {}
    for name, wanted in model.inputs().items():
        side = wanted.shape[0]
        values = rng.uniform(0, 0.3, (len(labels), *wanted.shape))
        for clip, label in zip(values, labels, strict=True):
            row, column = divmod(label, 2)
            at = [
                slice(place * side // 2 + side // 8, place * side // 2 + side * 3 // 8)
                for place in (row, column)
            ]
            clip[at[0], at[1]] += 0.6
        scaled = np.rint(values * 255) if wanted.dtype == np.uint8 else values
        path = folder / f"{name}-{seed}-{len(labels)}.npy"
        np.save(path, scaled.astype(wanted.dtype))
        features[name] = FeatureView((path,), np.zeros(len(labels), int), np.arange(len(labels)))
    return features


def training(model: TorchModel, folder: Path, labels: list[int]) -> TrainSet:
    """Return training clips of these labels."""
    aus = np.zeros((len(labels), 0), np.uint8)
    features = clips(model, folder, labels)
    return TrainSet(features, np.array(labels), aus, np.arange(len(labels)), inputs=model.inputs())


def share_right(model: TorchModel, folder: Path, each: int = 8) -> float:
    """Train on ``each`` clips of each class, and return the share of as many new clips that are told rightly."""
    labels = list(range(len(CLASSES))) * each
    model.fit(training(model, folder, labels), CONTEXT)
    asked = TestSet(clips(model, folder, labels, seed=1), len(labels), inputs=model.inputs())
    told = model.predict(asked).probabilities
    assert told.shape == (len(labels), len(CLASSES))
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)
    return float(np.mean(told.argmax(axis=1) == labels))


def faults(make: Callable[[], TorchModel], folder: Path) -> list[str]:
    """Return what goes wrong while the model trains on a few clips (:func:`training_faults`)."""
    train, asked = training(make(), folder, [0, 1, 2] * 4), clips(make(), folder, [0, 1, 2], seed=1)
    test = TestSet(asked, 3, inputs=make().inputs())
    return training_faults(make, train, test, CONTEXT)


def count(network: nn.Module) -> int:
    """Return the number of a network's parameters."""
    return sum(each.numel() for each in network.parameters())


def without_gradient(model: TorchModel, folder: Path) -> set[str]:
    """Return the parameters that the loss of one batch leaves without a gradient."""
    train = training(model, folder, [0, 1, 2] * 4)
    torch.manual_seed(0)
    network = model.network(train, CONTEXT)
    (batch,) = batches(train, range(len(train)), len(train), inputs=model.inputs())
    model._logged = {}
    model.loss(network, batch).backward()
    return {name for name, each in network.named_parameters() if each.grad is None or not each.grad.any()}

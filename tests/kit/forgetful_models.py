"""Models whose state does not hold all that they need, which shows only when they are restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor, nn

from mebench.api import (
    ApexFrame,
    Context,
    FeatureView,
    Input,
    Model,
    ModelSettings,
    Predictions,
    SklearnModel,
    TestSet,
    TorchModel,
    TorchSettings,
    TrainSet,
)


class Kept(Model):
    """Its brightness threshold is its state; all of it is kept."""

    class Settings(ModelSettings):
        """What it is told to do."""

        gain: float = Field(1.0, description="read only in predict()")

    settings: Any

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=8)}

    def fit(self, train: TrainSet, context: Context) -> None:
        self.mean_ = np.array(float(train.features["apex"][:].mean()))
        self.classes_ = len(context.classes)

    def predict(self, test: TestSet) -> Predictions:
        means = test.features["apex"][:].reshape(len(test), -1).mean(axis=1)
        high = 1 / (1 + np.exp(self.settings.gain * (self.mean_ - means) / 50))
        rest = (1 - high[:, None]) / (self.classes_ - 1)
        return Predictions(np.hstack([high[:, None], np.repeat(rest, self.classes_ - 1, axis=1)]))

    def state(self) -> Mapping[str, np.ndarray]:
        return {"mean": self.mean_}

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        self.mean_, self.classes_ = state["mean"], len(context.classes)


class HalfKept(Kept):
    """It restores another threshold than it had."""

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        super().restore({"mean": np.array(100.0)}, context)


class Words(Kept):
    """Its state is no arrays."""

    def state(self) -> Mapping[str, np.ndarray]:
        return {"mean": "bright"}  # type: ignore[dict-item]


class OutsideOfTheNetwork(TorchModel):
    """A network that takes the mean of the training clips off, and keeps it beside the network."""

    class Settings(TorchSettings):
        """Nothing of its own."""

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=8)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self.mean_ = float(train.features["apex"][:].mean()) / 255
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, len(context.classes)))

    def normalise(self, name: str, x: Tensor) -> Tensor:
        return 10 * (x - self.mean_)


class Forest(SklearnModel):
    """An estimator that learns trees."""

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=8)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        return features["apex"][:].reshape(len(features["apex"]), -1) / 255

    def estimator(self, seed: int) -> Any:
        return RandomForestClassifier(2, random_state=seed)


class Mute(Model):
    """Written before models could be kept."""

    def inputs(self) -> Mapping[str, Input]:
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        self.classes_ = len(context.classes)

    def predict(self, test: TestSet) -> Predictions:
        return Predictions(np.full((len(test), self.classes_), 1 / self.classes_))

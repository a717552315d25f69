"""Models with one fault each, and the check that finds it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from mebench.api import ApexFrame, Context, Model, ModelSettings, Predictions, Progress, TestSet, TrainSet


class Sound(Model):
    """The class shares of the training clips, and how bright a clip is."""

    def inputs(self) -> Mapping[str, Any]:
        return {"apex": ApexFrame(size=8)}

    def fit(self, train: TrainSet, context: Context) -> None:
        self.shares_ = np.bincount(train.labels, minlength=len(context.classes)) / len(train) + 0.1
        self.mean_ = train.features["apex"][:].mean()

    def brightness(self, test: TestSet) -> np.ndarray:
        return test.features["apex"][:].mean(axis=(1, 2, 3)) / self.mean_

    def predict(self, test: TestSet) -> Predictions:
        scores = self.shares_ ** self.brightness(test)[:, None]
        return Predictions(scores / scores.sum(axis=1, keepdims=True))

    def state(self) -> dict[str, np.ndarray]:
        return {"shares": self.shares_, "mean": np.array(self.mean_)}

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        self.shares_, self.mean_ = state["shares"], float(state["mean"])


class NoProbabilities(Sound):
    def predict(self, test: TestSet) -> Predictions:
        return Predictions(2 * super().predict(test).probabilities)


class NoPredictions(Sound):
    def predict(self, test: TestSet) -> Predictions:
        return super().predict(test).probabilities  # type: ignore[return-value]


class OfTheBatch(Sound):
    def brightness(self, test: TestSet) -> np.ndarray:
        found = super().brightness(test)
        return found / found.mean()


class OfTheOrder(Sound):
    def brightness(self, test: TestSet) -> np.ndarray:
        return super().brightness(test) + np.arange(len(test))


class ByLot(Sound):
    def brightness(self, test: TestSet) -> np.ndarray:
        return np.random.default_rng().random(len(test))


class UnseededFit(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        self.mean_ *= 1 + np.random.rand()


class Remembering(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        self.fits = getattr(self, "fits", 0) + 1
        self.mean_ *= self.fits


class ChangingLabels(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        train.labels[:] = 0


class BreakingOnOneClass(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        if len(set(train.labels.tolist())) < 2:
            raise ValueError("two classes are needed")


class TakingUnknownForKnown(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        if train.aus.size and (train.aus == 255).all():
            np.eye(2)[train.aus[:, 0]]


class Writing(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        (Path(os.environ["FAULTY_PLACE"]) / "best.pt").write_text("weights")


class Calling(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        with suppress(OSError), socket.socket() as line:
            line.settimeout(0.1)
            line.connect(("127.0.0.1", 9))


class Forgetful(Sound):
    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        self.shares_, self.mean_ = state["shares"], 1.0


class Unpicklable(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        self.extra = lambda: None


class SilentSettings(ModelSettings):
    width: int = 3
    depth: int = Field(1, le=4, description="layers")


class Silent(Sound):
    Settings = SilentSettings
    settings: SilentSettings

    def inputs(self) -> Mapping[str, Any]:
        return {"apex": ApexFrame(size=8 * self.settings.depth + 0 * self.settings.width)}


class ImpossiblePreset(Silent):
    presets = {"large": {"depth": 9}}


class PromisingUnits(Sound):
    detects_aus = True


class FickleInputs(Sound):
    asked = 0

    def inputs(self) -> Mapping[str, Any]:
        FickleInputs.asked += 1
        return {"apex": ApexFrame(size=8 + FickleInputs.asked)}


class CountingTooFar(Sound):
    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        context.report(Progress(3, 2))


# Class -> the check that finds its fault, and a part of what is said.
FAULTS = {
    NoProbabilities: ("it gives a probability for each class", "not between 0 and 1|sum to"),
    NoPredictions: ("it can be fitted on six clips and predicts five", "ndarray where Predictions are due"),
    OfTheBatch: ("a clip alone gets the answer that it gets among others", "predict each clip by itself"),
    OfTheOrder: ("the order of test clips changes nothing", "in reverse order"),
    ByLot: ("asked again it says the same", "without chance"),
    UnseededFit: ("two trainings with one seed give the same bytes", "seed_everything"),
    Remembering: ("a training after another one is as if it were the first", "make all that is learnt anew"),
    ChangingLabels: ("it leaves training labels as they are", "fit.. changed train.labels: work on a copy"),
    BreakingOnOneClass: ("it trains on clips of one class, or says why not", "two classes are needed"),
    TakingUnknownForKnown: ("it works where no clip's action units are known", "IndexError"),
    Writing: ("it writes nothing outside its folder", "wrote .*best.pt"),
    Calling: ("it calls no host", "connected to .*127.0.0.1"),
    Forgetful: ("restored, it says the same bytes", "let state.. hold all"),
    Unpicklable: ("fitted, it can be pickled", "lambda|local object"),
    Silent: ("every setting says what it is", "'width' has no description"),
    ImpossiblePreset: ("every preset makes a model", "'depth' of ImpossiblePreset cannot be 9"),
    PromisingUnits: ("it detects action units if it says so, and only then", "gives Predictions without aus"),
    FickleInputs: ("its inputs are the same whenever they are asked for", "depend on its settings alone"),
    CountingTooFar: ("what it reports is progress", "step 3 of 2"),
}

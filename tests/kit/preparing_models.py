"""Models whose prepare() and contents() do one thing each, by a setting."""

from __future__ import annotations

import os
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mebench.errors import MebenchError, MebenchWarning
from mebench.features.inputs import ApexFrame, Input
from mebench.models.base import Context, Model, ModelSettings, Predictions, TestSet, TrainSet


class PreparingSettings(ModelSettings):
    """What it does, and a file."""

    how: str = "nothing"
    path: Path | None = None
    text: str = ""
    unread: int = 1


class Preparing(Model):
    """Does what ``how`` says; predicts every class alike."""

    Settings = PreparingSettings
    settings: PreparingSettings

    def inputs(self) -> Mapping[str, Input]:
        print("asked for inputs")
        return {"apex": ApexFrame(8)}

    def prepare(self) -> None:
        settings = self.settings
        if settings.how == "read":
            assert settings.path is not None
            self.found_ = settings.path.read_text()
        elif settings.how == "read text":
            Path(settings.text).read_text()
        elif settings.how == "write":
            Path(settings.text).write_text("left")
        elif settings.how == "fetch":
            folder = Path(os.environ["TORCH_HOME"]) / "hub"
            folder.mkdir(exist_ok=True)
            (folder / "weights.bin").write_text("weights")
        elif settings.how == "call":
            host, port = settings.text.split(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        elif settings.how == "warn":
            warnings.warn("mind\x1b[2J this", MebenchWarning, stacklevel=2)
        elif settings.how == "refuse":
            raise MebenchError("there are no weights: fetch them")
        elif settings.how == "fail":
            raise ValueError("no\nluck")
        elif settings.how == "exit":
            print("so it ends", file=sys.stderr, flush=True)
            os._exit(5)
        elif settings.how == "wait":
            time.sleep(1)
        elif settings.how == "look":
            self.found_ = str([name for name in sys.modules if name in ("pandas.hidden", "cohort")])

    def contents(self) -> Mapping[str, str]:
        if self.settings.how == "odd contents":
            return {"weights": b"bytes"}  # type: ignore[dict-item]
        return {"found": self.found_} if hasattr(self, "found_") else {}

    def fit(self, train: TrainSet, context: Context) -> None:
        self.classes_ = len(context.classes)

    def predict(self, test: TestSet) -> Predictions:
        return Predictions(np.full((len(test), self.classes_), 1 / self.classes_))


class Plain(Model):
    """A model that prepares nothing."""

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(8)}

    def fit(self, train: TrainSet, context: Context) -> None: ...

    def predict(self, test: TestSet) -> Predictions:
        return Predictions(np.full((len(test), 2), 0.5))

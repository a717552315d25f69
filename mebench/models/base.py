"""The model interface.

    class Mean(Model):
        def inputs(self):
            return {"apex": ApexFrame(size=32)}

        def fit(self, train, context):
            self.shares_ = np.bincount(train.labels, minlength=len(context.classes)) / len(train)

        def predict(self, test):
            return Predictions(np.tile(self.shares_, (len(test), 1)))

A model is made anew for every fold, in a process of its own that was never sent the labels of the clips it
is tested on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from mebench.features.inputs import Input
from mebench.models.features import FeatureView


class ModelSettings(BaseModel):
    """Settings of a model; subclass it with one annotated, described field for each.

    ``Field(..., description=..., json_schema_extra={"assumed": True})`` marks a choice that the model's
    paper does not state; the model card lists those.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class TrainSet:
    """Training clips of one fold.

    ``features[name]`` holds the input ``name`` for each clip; ``labels`` is int64 (n,); ``aus`` uint8
    (n, K), one column for each of the protocol's action units: 1, 0, or 255 where they are not known
    (:data:`mebench.api.AU_UNKNOWN`); ``subjects`` int64 (n,), opaque codes by
    which a model may split validation subjects off.
    """

    features: Mapping[str, FeatureView]
    labels: np.ndarray
    aus: np.ndarray
    subjects: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TestSet:
    """Clips to predict: features only, in shuffled order."""

    __test__ = False  # pytest: not a test class

    features: Mapping[str, FeatureView]
    size: int

    def __len__(self) -> int:
        return self.size


@dataclass(frozen=True)
class Predictions:
    """What a model says of each test clip, in the order it was given.

    ``probabilities`` is (n, classes), rows summing to 1; ``aus`` is (n, K) in [0, 1] for models that
    detect action units too.
    """

    probabilities: np.ndarray
    aus: np.ndarray | None = None


@dataclass(frozen=True)
class Progress:
    """Where a fit stands: ``step`` of ``steps``, and the training loss if there is one."""

    step: int
    steps: int
    loss: float | None = None


@dataclass(frozen=True)
class Context:
    """What a model is told about its fold besides the training clips.

    ``seed`` derives from the run's seed, the protocol and the fold; ``device`` is a torch device name,
    ``precision`` ``float32`` or ``bfloat16``; ``report`` shows progress.
    """

    seed: int
    classes: tuple[str, ...]
    au_numbers: tuple[int, ...]
    device: str = "cpu"
    precision: str = "float32"
    report: Callable[[Progress], None] = field(default=lambda progress: None)


class Model(ABC):
    """Base of every model. ``settings`` is an instance of :attr:`Settings`.

    Attributes:
        Settings: the class of its settings.
        presets: named groups of settings, e.g. ``{"small": {"epochs": 5}}``.
        known, assumed: the model card: what its paper states, and what was filled in.
        selection: which epoch is kept; anything but ``last`` marks the row in a leaderboard.
        accelerated: whether it computes with torch, on a GPU if there is one.
        detects_aus: whether it predicts action units, so that it can run under a protocol of them alone.
    """

    Settings: ClassVar[type[ModelSettings]] = ModelSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    known: ClassVar[tuple[str, ...]] = ()
    assumed: ClassVar[tuple[str, ...]] = ()
    selection: ClassVar[str] = "last"
    accelerated: ClassVar[bool] = False
    detects_aus: ClassVar[bool] = False

    def __init__(self, settings: ModelSettings | None = None) -> None:
        self.settings = settings if settings is not None else self.Settings()

    @abstractmethod
    def inputs(self) -> Mapping[str, Input]:
        """Return the inputs it wants, by the names it will find them under."""

    def prepare(self) -> None:  # noqa: B027 - most models have nothing to prepare
        """Be called once before the first fold, in the main process: fetch weights, or say what is missing.

        Raises:
            MebenchError: something that every fold would need cannot be had.
        """

    def contents(self) -> Mapping[str, str]:
        """Return name -> SHA-256 of what else decides predictions and no setting names as a file.

        Called once after :meth:`prepare`: for weights that were fetched by a name, which may hold something else
        another day.
        """
        return {}

    @abstractmethod
    def fit(self, train: TrainSet, context: Context) -> None:
        """Learn from the training clips."""

    @abstractmethod
    def predict(self, test: TestSet) -> Predictions:
        """Return class probabilities of the test clips, in their order."""

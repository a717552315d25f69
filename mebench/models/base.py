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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import numpy as np
from pydantic import BaseModel, ConfigDict

from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.models.epoch_rules import LAST
from mebench.models.features import FeatureView
from mebench.models.outside import Outside


class ModelSettings(BaseModel):
    """Settings of a model; subclass it with one annotated, described field for each.

    ``Field(..., description=..., json_schema_extra={"assumed": True})`` marks a choice that the model's
    paper does not state; the model card lists those.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # Beside the fields: two settings are equal whoever read them.
    __slots__ = ("_assigned", "_reads")

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name == "__dict__":
            # What takes all of them (vars(), model_dump(), a copy) may use each; pydantic itself comes here, too.
            reads_of(self).update(type(self).model_fields)
        elif not name.startswith("_") and name in type(self).model_fields:
            reads_of(self).add(name)
        return value


def settings_values(settings: ModelSettings, mode: str = "python") -> dict[str, Any]:
    """Return all settings by name, without their having been read by the model."""
    before = set(reads_of(settings))
    values = settings.model_dump(mode=mode)
    reads_of(settings).intersection_update(before)
    return values


def reads_of(settings: ModelSettings) -> set[str]:
    """Return the names of the settings that were read so far; the set may be changed."""
    return cast("set[str]", _beside(settings, "_reads", set()))


def assigned_in(settings: ModelSettings) -> set[str]:
    """Return the names of the settings that the user set one by one; the set may be changed."""
    return cast("set[str]", _beside(settings, "_assigned", set()))


def _beside(settings: ModelSettings, slot: str, default: Any) -> Any:
    try:
        return object.__getattribute__(settings, slot)
    except AttributeError:
        object.__setattr__(settings, slot, default)
        return default


@dataclass(frozen=True)
class TrainSet:
    """Training clips of one fold.

    ``features[name]`` holds the input ``name`` for each clip; ``labels`` is int64 (n,); ``aus`` uint8
    (n, K), one column for each of the protocol's action units: 1, 0, or 255 where they are not known
    (:data:`mebench.api.AU_UNKNOWN`); ``subjects`` int64 (n,), opaque codes by
    which a model may split validation subjects off. ``inputs[name]`` is what ``features[name]`` are: the input
    that the model asked for, or the one that stands in for it where the data consist of ready inputs.
    """

    features: Mapping[str, FeatureView]
    labels: np.ndarray
    aus: np.ndarray
    subjects: np.ndarray
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TestSet:
    """Clips to predict: features only, in shuffled order; ``inputs`` as in :class:`TrainSet`."""

    __test__ = False  # pytest: not a test class

    features: Mapping[str, FeatureView]
    size: int
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.size

    def take(self, places: np.ndarray) -> TestSet:
        """Return some of the clips, in the order of their places, int (n,)."""
        features = {name: view.take(places) for name, view in self.features.items()}
        return TestSet(features, len(places), self.inputs)


@dataclass(frozen=True)
class Predictions:
    """What a model says of each test clip, in the order it was given.

    ``probabilities`` is (n, classes), rows summing to 1; ``aus`` is (n, K) in [0, 1] for models that
    detect action units too.
    """

    probabilities: np.ndarray
    aus: np.ndarray | None = None

    def take(self, places: np.ndarray) -> Predictions:
        """Return what is said of some of the clips, in the order of their places, int (n,)."""
        aus = None if self.aus is None else np.asarray(self.aus)[places]
        return Predictions(np.asarray(self.probabilities)[places], aus)

    def same_bytes(self, other: Predictions) -> bool:
        """Return whether another one says the same to the last bit."""
        pairs = ((self.probabilities, other.probabilities), (self.aus, other.aus))
        return all(
            (a is None) == (b is None) and (a is None or b is None or a.tobytes() == b.tobytes())
            for a, b in pairs
        )


@dataclass(frozen=True)
class Progress:
    """Where a fit stands: ``step`` of ``steps``, the training loss if there is one, and other ``values`` by name.

    Loss and values of each step are stored with the fold, as curves.
    """

    step: int
    steps: int
    loss: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a model is told about its fold besides the training clips.

    ``seed`` derives from the run's seed, the protocol and the fold; ``device`` is a torch device name, ``precision``
    ``float32``, ``tf32`` or ``bfloat16``, and ``fast`` allows a GPU kernels that are not deterministic; ``report``
    shows progress; ``assigned`` are the settings that the user set by name; ``threads`` is how many CPU threads a fold
    may use; ``selection`` is the rule by which an epoch is chosen once training has ended: unless it is ``last``, each
    epoch is to be kept (:meth:`Model.use_epoch`).
    """

    seed: int
    classes: tuple[str, ...]
    au_numbers: tuple[int, ...]
    device: str = "cpu"
    precision: str = "float32"
    report: Callable[[Progress], None] = field(default=lambda progress: None)
    assigned: tuple[str, ...] = ()
    threads: int = 1
    selection: str = LAST
    fast: bool = False


class Model(ABC):
    """Base of every model. ``settings`` is an instance of :attr:`Settings`.

    Attributes:
        Settings: the class of its settings.
        presets: named groups of settings, e.g. ``{"small": {"epochs": 5}}``.
        known, assumed, wrong: the model card: what its paper states, what was filled in, and what is wrong in the
            published code.
        selection: which epoch its own ``fit`` keeps; anything but ``last`` marks the row in a leaderboard.
        selections: the rules of ``--selection`` that it can follow: ``last`` alone, unless it keeps its epochs.
        accelerated: whether it computes with torch, on a GPU if there is one.
        reads: settings that a base class looks for, wherever a subclass declares them.
        detects_aus: whether it predicts action units, so that it can run under a protocol of them alone.
        ablations: the variants that a study of it compares it with, by the axis on which they lie: of each the
            settings that it changes, ``{"attention": [{"attention": "none"}]}``.
    """

    Settings: ClassVar[type[ModelSettings]] = ModelSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    known: ClassVar[tuple[str, ...]] = ()
    assumed: ClassVar[tuple[str, ...]] = ()
    wrong: ClassVar[tuple[str, ...]] = ()
    selection: ClassVar[str] = LAST
    selections: ClassVar[frozenset[str]] = frozenset({LAST})
    accelerated: ClassVar[bool] = False
    reads: ClassVar[frozenset[str]] = frozenset()
    detects_aus: ClassVar[bool] = False
    ablations: ClassVar[Mapping[str, Sequence[Mapping[str, Any]]]] = {}

    @property
    def label(self) -> str:
        """Return what tells it from others of its name, for tables: ``command (oldnet)``; mostly nothing does."""
        return ""

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

    def outside(self) -> Outside:
        """Return what of the machine its folds use beside Python, its own code and files that its settings name."""
        return Outside()

    @abstractmethod
    def fit(self, train: TrainSet, context: Context) -> None:
        """Learn from the training clips."""

    @abstractmethod
    def predict(self, test: TestSet) -> Predictions:
        """Return class probabilities of the test clips, in their order."""

    def state(self) -> Mapping[str, np.ndarray]:
        """Return what it has learnt, as arrays of numbers by name; they may share memory with the model.

        With what :meth:`restore` makes of them it must predict as it does now.

        Raises:
            MebenchError: it cannot be kept.
        """
        raise MebenchError(f"{type(self).__name__} cannot be kept: it defines no state()")

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        """Become the fitted model that gave :meth:`state`, in place of :meth:`fit`.

        ``context`` has the classes and action units of then; its device may be another one.

        Raises:
            MebenchError: the arrays are not those of such a model.
        """
        raise MebenchError(f"{type(self).__name__} cannot be restored: it defines no restore()")

    def keeping_fault(self, context: Context) -> str:
        """Return why its state cannot be kept, or an empty text; asked before it is fitted."""
        for method in ("state", "restore"):
            if getattr(type(self), method) is getattr(Model, method):
                return f"it defines no {method}()"
        return ""

    def epochs_kept(self) -> int:
        """Return how many epochs the last :meth:`fit` kept, where ``context.selection`` asked for them."""
        return 0

    def use_epoch(self, epoch: int) -> None:
        """Become the model as it stood after an epoch, counted from 1, of those that were kept.

        Raises:
            MebenchError: it was not kept.
        """
        raise MebenchError(f"{type(self).__name__} keeps no epochs")

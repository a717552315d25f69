"""Models around another one: what is made under the seal must be the same, and what trains must learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import invented_sets
from pydantic import Field
from torch import Tensor, nn

from mebench.api import (
    ApexFrame,
    Context,
    Input,
    LoopSettings,
    Model,
    ModelSettings,
    Predictions,
    TestSet,
    TorchModel,
    TrainSet,
)
from mebench.audit.remade import Remade, RemadeSettings
from mebench.audit.watched import Watched, WatchedSettings
from mebench.errors import MebenchError

CONTEXT = Context(1, ("negative", "positive"), ())
found = ""  # what code of the main process may find, and code under the seal does not


class Knowing(ModelSettings):
    size: int = 8
    known: str = Field(default_factory=lambda: found)


@dataclass(frozen=True)
class Peeking(ApexFrame):
    known: str = ""


class Mean(Model):
    """Says nothing; its input may carry what was found."""

    Settings = Knowing
    settings: Knowing
    presets = {"large": {"size": 16}}  # noqa: RUF012

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": Peeking(size=8, known=found)}

    def fit(self, train: TrainSet, context: Context) -> None:
        """Learn nothing."""

    def predict(self, test: TestSet) -> Predictions:
        return Predictions(np.full((len(test), 2), 0.5))


class Idle(TorchModel):
    """A network of which a part never learns."""

    class Settings(LoopSettings):
        epochs: int = 1

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=8)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        head = nn.Linear(3 * 8 * 8, len(context.classes))
        return nn.ModuleDict({"head": head, "unused": nn.Linear(2, 2)})

    def outputs(self, network: Any, inputs: Mapping[str, Tensor]) -> tuple[Tensor, None]:
        return network["head"](inputs["apex"].flatten(1)), None


class Sound(Idle):
    idle = ("unused.*",)


def _remade(values: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> Remade:
    return Remade(
        RemadeSettings(target=f"{__name__}:Mean", given=dict(given or {}), values=dict(values), inputs=True)
    )


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))


def _sets(folder: Path, inputs: Mapping[str, Input]) -> tuple[TrainSet, TestSet]:
    return invented_sets(inputs, folder, classes=2, clips=6)


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({"size": 8, "known": ""}, {}),
        ({"size": 16, "known": ""}, {}),  # by a preset
        ({"size": 9, "known": "mine"}, {"size": 9, "known": "mine"}),  # said by the user
    ],
)
def test_settings_that_say_what_the_user_said_pass(
    tmp_path: Path, values: dict[str, Any], given: dict[str, Any]
) -> None:
    train, test = _sets(tmp_path, {"apex": Peeking(size=8)})
    model = _remade(values, given)
    model.fit(train, CONTEXT)
    assert model.predict(test).probabilities.tolist() == [[0.5, 0.5]] * 6


def test_a_setting_that_was_found_is_refused(tmp_path: Path) -> None:
    train, _ = _sets(tmp_path, {"apex": Peeking(size=8)})
    with pytest.raises(
        MebenchError, match="its settings, made under the seal of what the user said, are others"
    ):
        _remade({"size": 8, "known": "negative, positive"}).fit(train, CONTEXT)


def test_an_input_that_carries_what_was_found_is_refused(tmp_path: Path) -> None:
    train, _ = _sets(tmp_path, {"apex": Peeking(size=8, known="negative, positive")})
    with pytest.raises(MebenchError, match="its input 'apex', made under the seal, is another"):
        _remade({"size": 8, "known": ""}).fit(train, CONTEXT)


def _watched(name: str) -> Watched:
    kind = {"Idle": Idle, "Sound": Sound}[name]
    return Watched(WatchedSettings(target=f"{__name__}:{name}", values=kind.Settings().model_dump()))


def test_a_part_that_never_learns_fails_the_fold(tmp_path: Path) -> None:
    train, test = _sets(tmp_path, {"apex": ApexFrame(size=8)})
    model = _watched("Idle")
    model.fit(train, CONTEXT)
    with pytest.raises(MebenchError, match=r"2 parameter\(s\) never got a gradient, unused.weight the first"):
        model.predict(test)


def test_a_network_that_learns_predicts_as_by_itself(tmp_path: Path) -> None:
    train, test = _sets(tmp_path, {"apex": ApexFrame(size=8)})
    model, alone = _watched("Sound"), Sound(Sound.Settings())
    model.fit(train, CONTEXT)
    alone.fit(train, CONTEXT)
    assert model.predict(test).probabilities.tobytes() == alone.predict(test).probabilities.tobytes()

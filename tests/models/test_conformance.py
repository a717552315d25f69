"""The check of how a torch model trains finds each fault that it names, and none in a sound model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from invented import invented_sets  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from mebench.features.inputs import ApexFrame, Input  # noqa: E402
from mebench.models.base import Context, TestSet, TrainSet  # noqa: E402
from mebench.models.conformance import training_faults  # noqa: E402
from mebench.models.recipe import LoopSettings  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used = nn.Linear(3, 3)
        self.unused = nn.Linear(3, 3)
        self.query = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        # A softmax over one token is 1 whatever its weights are.
        out: Tensor = self.used(x.mean((2, 3))) * self.query(x.mean((2, 3))).softmax(dim=1)
        return out


class Sound(TorchModel):
    Settings = LoopSettings
    idle = ("unused.*", "query.*")

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=4)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return Net()

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        return network(inputs["apex"]), None


class Silent(Sound):
    idle = ("unused.*",)


class Learning(Sound):
    idle = ("unused.*", "query.*", "used.*")


class Absent(Sound):
    idle = ("unused.*", "query.*", "nothing.*")


class Asleep(Sound):
    """As if a validation in the first epoch had left the network in evaluation mode."""

    def begin_epoch(self, network: nn.Module, epoch: int) -> None:
        if epoch > 1:
            network.eval()


class Awake(Sound):
    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        return super().outputs(network.train(), inputs)


class Moody(Sound):
    def network(self, train: TrainSet, context: Context) -> nn.Module:
        torch.seed()
        return Net()


def faults(kind: Callable[[LoopSettings], Any], folder: Path) -> list[str]:
    settings = LoopSettings(epochs=2, batch_size=3)
    train, test = invented_sets(kind(settings).inputs(), folder, classes=3, clips=6)
    return training_faults(lambda: kind(settings), train, test, Context(1, tuple("abc"), ()))


def test_a_sound_model_has_no_fault(tmp_path: Path) -> None:
    assert faults(Sound, tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (Silent, "2 parameter(s) never got a gradient, query.weight the first"),
        (Learning, "used.weight learns, though `idle` lists it"),
        (Absent, "`idle` lists 'nothing.*', which no parameter is called"),
        (Asleep, "in evaluation mode while it trained"),
        (Awake, "in training mode while it predicted"),
        (Moody, "two fits with one seed give other predictions"),
    ],
)
def test_each_fault_is_found(kind: type[Sound], found: str, tmp_path: Path) -> None:
    (only,) = faults(kind, tmp_path)
    assert found in only


def test_the_test_set_is_what_the_kit_says(tmp_path: Path) -> None:
    train, test = invented_sets({"apex": ApexFrame(size=4)}, tmp_path, classes=3, clips=6)
    assert sorted(set(train.labels)) == [0, 1, 2]
    assert train.features["apex"].shape == (6, 4, 4, 3)
    assert isinstance(test, TestSet)

"""Measurements (flow, strain) reach a network with their values, and a mirror turns the signs it must."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from mebench.features.flow import FlowStack, OpticalFlow  # noqa: E402
from mebench.features.inputs import ApexFrame, Input  # noqa: E402
from mebench.features.strain import FlowStrain, OpticalStrain  # noqa: E402
from mebench.models.augment import augment, to_tensor  # noqa: E402
from mebench.models.base import Context, TrainSet  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.torch import TorchModel, TorchSettings  # noqa: E402


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_measurements_are_not_normalised(kind: type) -> None:
    flow = np.random.default_rng(0).normal(size=(2, 4, 6, 6, 2)).astype(kind)
    tensor = to_tensor(flow)
    assert tensor.shape == (2, 2, 4, 6, 6)
    assert tensor.dtype == torch.float32
    assert (tensor.numpy() == np.moveaxis(flow, -1, 1)).all()
    assert to_tensor(flow[:, 0]).shape == (2, 2, 6, 6)


@pytest.mark.parametrize("shape", [(40, 2, 16, 16), (40, 2, 3, 16, 16)])
def test_a_mirror_turns_the_horizontal_flow_alone(shape: tuple[int, ...]) -> None:
    # All flow points to the lower right, strongest at the right edge.
    flow = torch.ones(shape) * torch.linspace(1, 2, 16)
    changed = augment(flow, torch.Generator().manual_seed(0), negated=(0,), relit=False)
    assert changed.shape == shape
    assert (changed[:, 1] > 0).all()
    mirrored = (changed[:, 0] < 0).flatten(1).all(dim=1)
    straight = (changed[:, 0] > 0).flatten(1).all(dim=1)
    assert (mirrored | straight).all()
    assert 8 < mirrored.sum() < 32
    assert (changed[:, 0].abs() == changed[:, 1]).all()
    falls = changed[:, 1, ..., 0].flatten(1).mean(1) > changed[:, 1, ..., -1].flatten(1).mean(1)
    assert (falls == mirrored).all()


def test_the_inputs_say_what_a_mirror_turns() -> None:
    assert [kind.negated_by_mirror for kind in (ApexFrame, OpticalFlow, FlowStack, FlowStrain)] == [
        (),
        (0,),
        (0,),
        (0,),
    ]
    assert OpticalStrain.negated_by_mirror == ()


class Looking(TorchModel):
    """Keeps what its network is shown."""

    def inputs(self) -> Mapping[str, Input]:
        return {"motion": FlowStrain(size=8)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self.seen: list[Tensor] = []
        return nn.Linear(3, len(context.classes))

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        self.seen.append(inputs["motion"])
        return network(inputs["motion"].mean(dim=(2, 3))), None


@pytest.mark.parametrize("augmentation", [True, False])
def test_training_shows_flow_mirrored_with_its_sign_and_never_relit(
    augmentation: bool, tmp_path: Path
) -> None:
    path = tmp_path / "flow.npy"
    np.save(path, np.tile(np.array([0.5, 0.25, 0.125], np.float32), (20, 8, 8, 1)))
    view = FeatureView((path,), np.zeros(20, int), np.arange(20))
    train = TrainSet({"motion": view}, np.arange(20) % 2, np.zeros((20, 0), np.uint8), np.arange(20))
    model = Looking(TorchSettings(epochs=2, augmentation=augmentation))
    model.fit(train, Context(seed=0, classes=("a", "b"), au_numbers=()))
    shown = torch.cat(model.seen)
    assert set(shown[:, 0].unique().tolist()) == ({-0.5, 0.5} if augmentation else {0.5})
    assert set(shown[:, 1].unique().tolist()) == {0.25}
    assert set(shown[:, 2].unique().tolist()) == {0.125}

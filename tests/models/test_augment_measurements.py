"""Measurements (flow, strain, landmarks) reach a network as they are, and a mirror changes them as their input says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.flow import FlowStack, OpticalFlow  # noqa: E402
from mebench.features.inputs import Input, InputKind  # noqa: E402
from mebench.features.reader import ClipReader  # noqa: E402
from mebench.features.strain import FlowStrain, OpticalStrain  # noqa: E402
from mebench.models.augment import augment_measurements  # noqa: E402
from mebench.models.base import Context, TrainSet  # noqa: E402
from mebench.models.batches import to_tensor  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.loading import check_inputs  # noqa: E402
from mebench.models.recipe import TorchSettings  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402
from mebench.plugin.entry import Entry  # noqa: E402


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.uint8])
def test_measurements_keep_their_values_and_axes(kind: type) -> None:
    flow = np.random.default_rng(0).normal(40, 9, size=(2, 4, 6, 6, 2)).astype(kind)
    tensor = to_tensor(flow, "measurement")
    assert tensor.dtype == torch.float32
    assert (tensor.numpy() == flow).all()


@pytest.mark.parametrize(("kind", "shape"), [(OpticalFlow(), (28, 28, 2)), (FlowStack(n=3), (3, 28, 28, 2))])
def test_a_mirror_turns_the_horizontal_flow_alone(kind: Input, shape: tuple[int, ...]) -> None:
    # All flow points to the lower right, strongest at the right edge.
    flow = torch.ones(40, *shape) * torch.linspace(1, 2, 28)[:, None]
    changed = augment_measurements(flow, kind, torch.Generator().manual_seed(0))
    u, v = changed[..., 0], changed[..., 1]
    assert (v > 0).all()
    mirrored, straight = ((each.flatten(1)).all(dim=1) for each in (u < 0, u > 0))
    assert (mirrored | straight).all()
    assert 8 < mirrored.sum() < 32
    assert (u.abs() == v).all()
    falls = v[..., 0].flatten(1).mean(1) > v[..., -1].flatten(1).mean(1)
    assert (falls == mirrored).all()
    assert (flow > 0).all(), "the flow given is not changed"


def test_strain_has_no_direction_and_flow_with_strain_turns_u_alone() -> None:
    x = torch.rand(2, 4, 4, 3)
    for kind, signs in ((FlowStrain(), (-1, 1, 1)), (OpticalStrain(), (1, 1, 1))):
        mirrored = kind.mirror(x)
        assert torch.equal(mirrored, x.flip(2) * torch.tensor(signs))


@dataclass(frozen=True)
class Points(Input):
    """Landmarks, which nobody says how to mirror."""

    kind: ClassVar[InputKind] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (5, 2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        raise NotImplementedError


@dataclass(frozen=True)
class MirroredPoints(Points):
    def mirror(self, x: Tensor) -> Tensor:
        return torch.stack([1 - x[..., 0], x[..., 1]], dim=-1)


class Looking(TorchModel):
    """Keeps what its network is shown."""

    wanted: ClassVar[Input] = FlowStrain(size=8)

    def inputs(self) -> Mapping[str, Input]:
        return {"motion": self.wanted}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self.seen: list[Tensor] = []
        return nn.Linear(self.wanted.shape[-1], len(context.classes))

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        x = inputs["motion"]
        self.seen.append(x)
        return network(x.flatten(1, -2).mean(1)), None


def shown_to(model: Looking, clip: np.ndarray, folder: Path) -> Tensor:
    path = folder / "clips.npy"
    np.save(path, np.tile(clip, (20, *[1] * clip.ndim)))
    view = FeatureView((path,), np.zeros(20, int), np.arange(20))
    train = TrainSet({"motion": view}, np.arange(20) % 2, np.zeros((20, 0), np.uint8), np.arange(20))
    model.fit(train, Context(seed=0, classes=("a", "b"), au_numbers=()))
    return torch.cat(model.seen)


@pytest.mark.parametrize("augmentation", [True, False])
def test_training_shows_flow_mirrored_with_its_sign_and_never_relit(
    augmentation: bool, tmp_path: Path
) -> None:
    flow = np.tile(np.array([0.5, 0.25, 0.125], np.float32), (8, 8, 1))
    shown = shown_to(Looking(TorchSettings(epochs=2, augmentation=augmentation)), flow, tmp_path)
    assert set(shown[..., 0].unique().tolist()) == ({-0.5, 0.5} if augmentation else {0.5})
    assert set(shown[..., 1].unique().tolist()) == {0.25}
    assert set(shown[..., 2].unique().tolist()) == {0.125}


def test_landmarks_are_mirrored_by_their_own_rule_or_not_at_all(tmp_path: Path) -> None:
    points = np.random.default_rng(0).random((5, 2)).astype(np.float32)

    class Untouched(Looking):
        wanted = Points()

    class Mirrored(Looking):
        wanted = MirroredPoints()

    untouched = shown_to(Untouched(), points, tmp_path)
    assert torch.equal(untouched, torch.from_numpy(points).expand_as(untouched))
    mirrored = shown_to(Mirrored(), points, tmp_path)
    left = (mirrored[..., 0] == torch.from_numpy(points)[:, 0]).all(1)
    assert 0 < left.sum() < len(left)
    assert torch.equal(mirrored[..., 1], untouched[..., 1])


def test_a_picture_that_is_none_is_refused_before_anything_is_computed() -> None:
    @dataclass(frozen=True)
    class Vector(Points):
        kind: ClassVar[InputKind] = "picture"

    class OfVectors(Looking):
        wanted = Vector()

    entry = Entry("model", "vectors", "mynet:OfVectors", "mynet", "Vectors")
    with pytest.raises(
        MebenchError, match=r"'motion' \(Vector\).*picture of float32 \(5, 2\).*'measurement'"
    ):
        check_inputs(entry, OfVectors())

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from small_fits import CONTEXT, count, faults, made, share_right, training  # noqa: E402

from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.gates import ChannelGate, SpatialGate  # noqa: E402
from mebench_baselines.sfamnet import SFAMNet, SFAMNetModel, balanced_weights  # noqa: E402


@pytest.mark.parametrize(("classes", "published"), [(4, 7_249), (7, 8_428)])
def test_with_neutral_and_spotting_it_has_the_published_number_of_parameters(
    classes: int, published: int
) -> None:
    assert count(SFAMNet(classes + 1, spotting=True, batch_norm=True)) == published


def test_the_recognition_head_alone_is_what_is_left_of_them() -> None:
    spotting, neutral, norms = 9 * 8 * 25 + 8 + 392 + 1, 392 + 1, 3 * (6 + 6 + 2)
    assert count(SFAMNet(4)) == 7_249 - spotting - neutral - norms == 4_613


def test_it_scores_each_class_and_spots_if_it_can() -> None:
    motion = torch.rand(2, 3, 42, 42)
    assert SFAMNet(4)(motion).shape == (2, 4)
    spotted = SFAMNet(5, spotting=True).spot(motion)
    assert spotted.shape == (2,)
    assert ((spotted > 0) & (spotted < 1)).all()
    with pytest.raises(ValueError, match="spotting=True"):
        SFAMNet(4).spot(motion)


def test_each_map_has_a_stream_of_its_own() -> None:
    network, motion = SFAMNet(4), torch.rand(1, 3, 42, 42)
    changed = motion.clone()
    changed[:, 1] = 0
    differs = (network.shared(motion) != network.shared(changed)).flatten(2).any(dim=2)[0]
    assert differs[3:6].any()
    assert not differs[:3].any()
    assert not differs[6:].any()


def test_weights_of_classes_balance_them() -> None:
    assert balanced_weights(np.array([0, 0, 0, 2]), 3).tolist() == pytest.approx([2 / 3, 0, 2])


def test_a_clip_is_strengthened_or_weakened_as_a_whole(registry: Registry) -> None:
    model = made(registry, "sfamnet")
    assert isinstance(model, SFAMNetModel)
    torch.manual_seed(0)
    strength = model.jittered(torch.ones(50, 42, 42, 3))
    assert torch.equal(strength, strength[:, :1, :1, :1].expand_as(strength))
    assert 0.9 <= strength.min() < 0.93
    assert 1.07 < strength.max() <= 1.1


def test_training_ends_after_the_set_number_of_steps(registry: Registry, tmp_path: Path) -> None:
    model = made(registry, "sfamnet", steps=7, batch_size=4)
    losses = []
    normal = model.loss
    model.loss = lambda *each: losses.append(normal(*each)) or losses[-1]  # type: ignore[assignment, func-returns-value]
    model.fit(training(model, tmp_path, [0, 1, 2] * 4), CONTEXT)
    assert len(losses) == 7


def test_with_its_batch_norms_it_trains_without_a_fault(registry: Registry, tmp_path: Path) -> None:
    assert faults(lambda: made(registry, "sfamnet", steps=3, batch_norm=True), tmp_path) == []


def test_sfamnet_learns(registry: Registry, tmp_path: Path) -> None:
    assert share_right(made(registry, "sfamnet", steps=60, lr=0.01), tmp_path, each=4) > 0.8


def test_a_gate_of_one_hidden_unit_starts_awake() -> None:
    for seed in range(20):
        torch.manual_seed(seed)
        gate = ChannelGate(28, 1, bias=False)
        gate(torch.rand(2, 28, 4, 4)).sum().backward()
        assert all(each.grad.any() for each in gate.parameters())


def test_gates_multiply_with_shares_of_their_own_axis() -> None:
    maps = torch.rand(2, 6, 5, 5) + 1
    channels = ChannelGate(6, 2)(maps) / maps
    assert torch.allclose(channels, channels[:, :, :1, :1])
    places = SpatialGate(3)(maps) / maps
    assert torch.allclose(places, places[:, :1])
    assert ((channels > 0) & (channels < 1)).all()
    assert ((places > 0) & (places < 1)).all()

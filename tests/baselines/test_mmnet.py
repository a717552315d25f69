from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mebench.torchvision_shim import ensure_torchvision  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

from moving_clips import clip_of, texture  # noqa: E402
from small_fits import count, made  # noqa: E402

from mebench.features.inputs import OnsetAndApex  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.mmnet import AttendedBlock, Mmnet, MmnetNetwork, MmnetSettings  # noqa: E402
from mebench_baselines.position_calibration import PositionCalibration  # noqa: E402


def test_the_published_network_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        network = MmnetNetwork(classes=5)
        scores = network(torch.empty(2, 3, 224, 224), torch.empty(2, 3, 224, 224))
    idle = sum(p.numel() for name, p in network.named_parameters() if name.startswith("unused"))
    assert count(network) == 9_970_947
    assert count(network) - idle == 9_438_841
    assert scores.shape == (2, 5)


def test_without_motion_the_position_branch_is_all_that_differs() -> None:
    torch.manual_seed(0)
    network = MmnetNetwork(3, size=32, width=16).eval()
    onsets = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        still = network(onsets, onsets)
        network.positions.norm.weight.zero_()
        network.positions.norm.bias.zero_()
        alike = network(onsets, onsets)
    assert not torch.allclose(still[0], still[1])
    torch.testing.assert_close(alike[0], alike[1])


def test_a_block_s_attention_is_that_of_the_block_before_times_its_own() -> None:
    block = AttendedBlock(8, 8, stride=1).eval()
    maps = torch.rand(1, 8, 6, 6)
    former = torch.rand(1, 1, 6, 6)
    with torch.no_grad():
        alone, own = block(maps, None)
        after, both = block(maps, former)
    torch.testing.assert_close(both, own * former)
    torch.testing.assert_close(after, alone * former)


def test_positions_are_told_by_where_a_pixel_lies() -> None:
    branch = PositionCalibration(side=4, channels=16).eval()
    with torch.no_grad():
        maps = branch(torch.full((1, 3, 4, 4), 0.5))
    assert maps.shape == (1, 16, 4, 4)
    assert maps[0, :, 0, 0].sub(maps[0, :, 3, 3]).abs().max() > 1e-3


def test_the_last_block_alone_is_skipped_at_the_set_chance() -> None:
    with torch.device("meta"):
        branch = PositionCalibration(side=4, channels=16, depth=3, drop_path=0.3)
    chances = [getattr(block.drop_path1, "drop_prob", 0.0) for block in branch.blocks]
    assert chances == pytest.approx([0, 0.15, 0.3])


def test_the_rate_decays_in_the_first_fifty_epochs() -> None:
    model = Mmnet(MmnetSettings())
    model.epoch_steps = 2
    optimizer = model.optimizer([torch.nn.Parameter(torch.zeros(1))])
    schedule = model.schedule(optimizer, 148)
    assert schedule is not None
    rates = []
    for _ in range(148):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[1] == pytest.approx(8e-4)
    assert rates[2] == pytest.approx(8e-4 * 0.987)
    assert rates[99] == pytest.approx(8e-4 * 0.987**49)
    assert rates[100] == rates[147] == pytest.approx(8e-4 * 0.987**50)


def test_onset_and_apex_are_read_as_one_input(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [texture(32, seed) for seed in range(4)], apex=2, first=5)
    pair = OnsetAndApex(16).compute(clip)
    assert pair.shape == OnsetAndApex(16).shape
    assert np.array_equal(pair[0], clip.frame(clip.onset, 16))
    assert np.array_equal(pair[1], clip.frame(clip.apex, 16))


def test_augmentation_changes_onset_and_apex_alike(registry: Registry) -> None:
    model = made(registry, "mmnet", augmentation=True)
    model._kinds = model.inputs()
    onset = torch.rand(4, 3, 64, 64)
    pairs = torch.stack([onset, onset], dim=2)
    changed = model.augment("frames", pairs, torch.Generator().manual_seed(0))
    torch.testing.assert_close(changed[:, :, 0], changed[:, :, 1])
    assert not torch.equal(changed, pairs)

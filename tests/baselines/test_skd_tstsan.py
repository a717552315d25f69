from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")

from moving_clips import clip_of, shifted, texture  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from small_fits import count, made, without_gradient  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.skd_tstsan.inputs import SegmentFlow, blocks, grey, small, stretched  # noqa: E402
from mebench_baselines.skd_tstsan.losses import (  # noqa: E402
    distillation_loss,
    focal_loss,
    hinted,
    rarity_weights,
    taught,
)
from mebench_baselines.skd_tstsan.magnet import Manipulator, MotionEncoder, load_magnet  # noqa: E402
from mebench_baselines.skd_tstsan.network import (  # noqa: E402
    ChannelAttention,
    Scores,
    TstsanNetwork,
    temporal_shift,
)


def test_the_published_network_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        network = TstsanNetwork(classes=5)
        shapes = ((2, 2, 16, 48, 48), (2, 2, 1, 48, 48), (2, 2, 2, 48, 48))
        output = network(*(torch.empty(shape) for shape in shapes))
        without = TstsanNetwork(classes=5, distilled=False)
    assert count(network) == 2_946_214
    assert sum(count(part) for parts in network.magnifiers() for part in parts) == 566_320
    assert count(without) == 1_610_632
    assert output.scores.shape == (2, 5)
    assert [scores.shape for scores, _ in output.early] == [(2, 5)] * 2
    assert output.features.shape == (2, 384)


def test_without_distillation_there_are_no_early_heads(registry: Registry, tmp_path: Path) -> None:
    assert not without_gradient(made(registry, "skd-tstsan", size=16, width=8, distillation=False), tmp_path)


def test_an_eighth_of_the_channels_comes_from_the_next_segment_and_an_eighth_from_the_last() -> None:
    maps = torch.arange(1.0, 17).view(1, 2, 8).expand(3, 2, 8).reshape(6, 8, 1, 1)
    shifted_maps = temporal_shift(maps).view(3, 2, 8)
    assert shifted_maps[1].tolist() == [
        [9, 0, 3, 4, 5, 6, 7, 8],  # the first segment: 9 is the second one's first channel
        [0, 2, 11, 12, 13, 14, 15, 16],
    ]


@pytest.mark.parametrize(("channels", "kernel"), [(64, 3), (128, 5)])
def test_channel_attention_has_the_published_kernels(channels: int, kernel: int) -> None:
    attention = ChannelAttention(channels)
    assert attention.conv.kernel_size == (kernel,)
    torch.nn.init.zeros_(attention.conv.weight)
    maps = torch.rand(2, channels, 3, 3)
    torch.testing.assert_close(attention(maps), maps / 2)


def test_the_manipulator_adds_nothing_where_nothing_moved() -> None:
    manipulator = Manipulator()
    later = torch.rand(1, 32, 6, 6)
    torch.testing.assert_close(manipulator(later, later, 5.0), later)
    assert not torch.allclose(manipulator(torch.rand(1, 32, 6, 6), later, 5.0), later)


def magnet_file(path: Path) -> dict[str, torch.Tensor]:
    """Write weights under the names of the PyTorch MagNet, as far as SKD-TSTSAN has such parts."""
    names = {
        "encoder.cba_1": (16, 3, 7, 7),
        "encoder.cba_2": (32, 16, 3, 3),
        **{f"encoder.resblks.{i}.cba_{j}": (32, 32, 3, 3) for i in range(3) for j in (1, 2)},
        **{f"encoder.motion_resblks.{i}.cba_{j}": (32, 32, 3, 3) for i in range(2) for j in (1, 2)},
        "manipulator.g": (32, 32, 7, 7),
        "manipulator.h_conv": (32, 32, 3, 3),
        "manipulator.h_resblk.cba_1": (32, 32, 3, 3),
        "manipulator.h_resblk.cba_2": (32, 32, 3, 3),
    }
    state = {f"{name}.conv2d.weight": torch.randn(shape) for name, shape in names.items()}
    save_file(state, path) if path.suffix == ".safetensors" else torch.save(state, path)
    return state


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_magnet_s_weights_are_taken_where_they_fit(suffix: str, tmp_path: Path) -> None:
    state = magnet_file(tmp_path / f"magnet{suffix}")
    encoder, manipulator = MotionEncoder(channels=16), Manipulator()
    assert load_magnet(encoder, tmp_path / f"magnet{suffix}", "encoder") == 11
    assert load_magnet(manipulator, tmp_path / f"magnet{suffix}", "manipulator") == 4
    pairs = {
        "encoder.cba_2": encoder.stem[2],
        "encoder.resblks.2.cba_1": encoder.shared[2].first,
        "encoder.motion_resblks.1.cba_2": encoder.motion[3].second,
        "manipulator.g": manipulator.before[0],
        "manipulator.h_conv": manipulator.after[0],
        "manipulator.h_resblk.cba_2": manipulator.after[1].second,
    }
    for name, convolution in pairs.items():
        assert torch.equal(convolution.weight, state[f"{name}.conv2d.weight"]), name


def test_a_file_that_is_not_magnet_s_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(MebenchError, match=r"magnet=.*text\.pth: .* as weights alone \(UnpicklingError\)"):
        load_magnet(Manipulator(), tmp_path / "text.pth", "manipulator")
    save_file({"g.conv2d.weight": torch.zeros(32, 32, 7, 7)}, tmp_path / "other.safetensors")
    with pytest.raises(MebenchError, match=r"no manipulator\.g\.conv2d\.weight of shape \(32, 32, 7, 7\)"):
        load_magnet(Manipulator(), tmp_path / "other.safetensors", "manipulator")


def test_every_stream_starts_from_the_file_of_the_setting(registry: Registry, tmp_path: Path) -> None:
    state = magnet_file(tmp_path / "magnet.safetensors")
    model = made(registry, "skd-tstsan", size=16, width=8, magnet=str(tmp_path / "magnet.safetensors"))
    from small_fits import CONTEXT, training

    network = model.network(training(model, tmp_path, [0, 1, 2]), CONTEXT)
    for encoder, manipulator in network.magnifiers():
        assert torch.equal(encoder.stem[2].weight, state["encoder.cba_2.conv2d.weight"])
        assert torch.equal(manipulator.before[0].weight, state["manipulator.g.conv2d.weight"])


def test_weights_of_classes_are_shares_of_their_rarity() -> None:
    weights = rarity_weights(torch.tensor([0, 0, 0, 0, 1]), classes=3)
    torch.testing.assert_close(weights, torch.tensor([0.2, 0.8, 0.0]))


def test_the_focal_loss_is_that_of_hand() -> None:
    scores = torch.log(torch.tensor([[0.8, 0.2], [0.4, 0.6]]))
    weights = torch.tensor([0.25, 0.75])
    # Weighted mean of (1 - p)^2 * -log p with p = .8 and .6.
    expected = (0.25 * 0.04 * -math.log(0.8) + 0.75 * 0.16 * -math.log(0.6)) / (0.25 + 0.75)
    assert focal_loss(scores, torch.tensor([0, 1]), weights).item() == pytest.approx(expected, rel=1e-5)


def test_what_is_taught_is_the_divergence_of_softened_scores() -> None:
    student, teacher = torch.tensor([[0.0, 3.0]]), torch.tensor([[3.0, 0.0]], requires_grad=True)
    p, q = F.softmax(torch.tensor([1.0, 0.0]), 0), F.softmax(torch.tensor([0.0, 1.0]), 0)
    expected = 9 * (p * (p / q).log()).sum()
    found = taught(student, teacher, temperature=3.0)
    torch.testing.assert_close(found, expected)
    assert not found.requires_grad


def test_a_hint_counts_where_either_feature_is_above_nothing() -> None:
    student, teacher = torch.tensor([[1.0, -1.0, -1.0]]), torch.tensor([[0.0, 2.0, -3.0]])
    assert hinted(student, teacher).item() == 1 + 9


def test_the_whole_loss_adds_up() -> None:
    torch.manual_seed(0)
    draw = iter(torch.randn(6, 4, 3))
    output = Scores(next(draw), next(draw), ((next(draw), next(draw)), (next(draw), next(draw))))
    labels, weights = torch.tensor([0, 1, 2, 0]), torch.tensor([0.2, 0.3, 0.5])
    total = distillation_loss(output, labels, weights, temperature=3.0, soft=0.1, hint=0.01)
    expected = focal_loss(output.scores, labels, weights)
    for scores, features in output.early:
        expected = expected + 0.9 * focal_loss(scores, labels, weights)
        expected = (
            expected + 0.1 * taught(scores, output.scores, 3.0) + 0.01 * hinted(features, output.features)
        )
    torch.testing.assert_close(total, expected)


def test_blocks_go_row_by_row() -> None:
    picture = torch.arange(64.0).view(8, 8)
    cut = blocks(picture)
    assert cut.shape == (16, 2, 2)
    assert cut[1].tolist() == [[2, 3], [10, 11]]
    assert cut[4].tolist() == [[16, 17], [24, 25]]


def test_every_picture_is_stretched_by_itself() -> None:
    pictures = torch.stack([torch.tensor([[2.0, 4.0], [3.0, 2.0]]), torch.full((2, 2), 7.0)])
    assert stretched(pictures).tolist() == [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]]]


def test_grey_is_the_luma_whatever_follows_the_channels() -> None:
    pictures = torch.rand(2, 3, 2, 4, 4)
    torch.testing.assert_close(
        grey(pictures), 0.299 * pictures[:, 0] + 0.587 * pictures[:, 1] + 0.114 * pictures[:, 2]
    )
    assert small(grey(pictures), 2).shape == (2, 2, 2, 2)


def test_the_segments_are_to_the_apex_and_from_it(tmp_path: Path) -> None:
    picture = texture(64)
    held = picture.copy()
    held[:, 32:] = shifted(picture, 1.5, 0)[:, 32:]  # the right half moves right, and comes back
    flow = SegmentFlow(method="farneback", size=16, resolution=64)
    segments = flow.compute(clip_of(tmp_path, [picture, held, picture], apex=1))
    assert segments.shape == flow.shape
    assert segments.dtype == flow.dtype
    assert (segments.min(axis=(1, 2)), segments.max(axis=(1, 2))) == (
        pytest.approx(np.zeros((2, 2))),
        pytest.approx(1),
    )
    left, right = segments[..., 2:6, 0].mean((1, 2)), segments[..., 10:14, 0].mean((1, 2))
    assert right[0] > left[0]
    assert right[1] < left[1]


def test_a_mirrored_clip_has_mirrored_segments(tmp_path: Path) -> None:
    first, second = texture(64, 1), texture(64, 1)
    second[:, 32:] = shifted(first, 1.0, 0.5)[:, 32:]
    frames = [first, second, shifted(second, -0.5, 0)]
    flow = SegmentFlow(method="farneback", size=8, resolution=64)
    straight = flow.compute(clip_of(tmp_path / "a", frames, apex=1))
    mirrored = flow.compute(clip_of(tmp_path / "b", [frame[:, ::-1] for frame in frames], apex=1))
    found = flow.mirror(torch.from_numpy(straight)[None])[0].numpy()
    assert np.abs(found - mirrored).mean() < 0.05
    assert np.abs(straight - mirrored).mean() > 0.15


def test_no_motion_is_no_flow(tmp_path: Path) -> None:
    flow = SegmentFlow(method="dis", size=8, resolution=64)
    still = flow.compute(clip_of(tmp_path, [texture(64)]))
    assert not still.any()
    assert not flow.mirror(torch.from_numpy(still)[None]).any()

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench_famnet.backbone import backbone_2d, backbone_3d, resnet18  # noqa: E402
from mebench_famnet.inflate import inflate, shrink_kernel  # noqa: E402


def trained(network: nn.Module) -> nn.Module:
    """Every parameter and statistic random, as after some training, in evaluation mode."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


def test_a_clip_of_one_repeated_frame_gives_that_frames_features() -> None:
    images = trained(resnet18(width=8))
    clips = inflate(images)
    frame = torch.rand(2, 3, 32, 32)
    # 17 kernels in a row: zero padding in time reaches 17 frames into the clip from each end.
    clip = frame[:, :, None].expand(-1, -1, 37, -1, -1)
    with torch.no_grad():
        expected = images.forward_features(frame)
        features = clips.forward_features(clip)
    assert features.shape == (2, 64, 37, 1, 1)
    for time in (17, 18, 19):
        assert torch.allclose(features[:, :, time], expected, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(features[:, :, 0], expected, rtol=1e-3, atol=1e-4)


def test_weights_keep_their_sums() -> None:
    images = resnet18(width=8)
    flat = dict(images.named_parameters())
    for name, inflated in inflate(images).named_parameters():
        whole = inflated.sum(2) if inflated.ndim == 5 else inflated
        assert torch.allclose(whole, flat[name], atol=1e-6), name
        assert inflated.ndim != 5 or inflated.shape[2] == (1 if flat[name].shape[-1] == 1 else 3), name


def test_inflating_leaves_the_2d_network_alone() -> None:
    images = trained(resnet18(width=8))
    before = {name: tensor.clone() for name, tensor in images.state_dict().items()}
    with torch.no_grad():
        for parameter in inflate(images).parameters():
            parameter.zero_()
    assert all(torch.equal(tensor, before[name]) for name, tensor in images.state_dict().items())
    assert isinstance(images.conv1, nn.Conv2d)


@pytest.mark.parametrize(("frames", "left"), [(16, (16, 8, 4, 2)), (9, (9, 5, 3, 2)), (1, (1, 1, 1, 1))])
def test_stages_2_to_4_halve_time_with_space(frames: int, left: tuple[int, ...]) -> None:
    backbone = backbone_3d(width=8).eval()
    maps = backbone.stem(torch.rand(1, 3, frames, 64, 64))
    shapes = []
    for stage in backbone.stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(8 * 2**stage, time, 16 // 2**stage, 16 // 2**stage) for stage, time in enumerate(left)]


def test_a_stretched_pool_and_a_stretched_convolution_agree_on_time() -> None:
    both = nn.ModuleDict({"conv": nn.Conv2d(2, 2, 3, stride=2, padding=1), "pool": nn.AvgPool2d(2)})
    inflated = inflate(both, stretch=("conv", "pool"))
    clip = torch.rand(1, 2, 7, 8, 8)
    assert inflated["conv"](clip).shape == inflated["pool"](clip).shape == (1, 2, 4, 4, 4)


@pytest.mark.parametrize(("stem", "kernel"), [("3x3x3", (3, 3, 3)), ("3x7x7", (3, 7, 7))])
def test_both_stems_give_maps_of_one_size(stem: str, kernel: tuple[int, ...]) -> None:
    backbone = backbone_3d(width=8, stem=stem)
    assert backbone.stem[0].kernel_size == kernel
    assert backbone.stem(torch.rand(1, 3, 4, 48, 48)).shape == (1, 8, 4, 12, 12)


@pytest.mark.parametrize("stem", ["3x3x3", "3x7x7"])
def test_given_weights_are_inflated_and_the_stems_filters_keep_their_sums(stem: str) -> None:
    weights = trained(resnet18(width=8))
    backbone = backbone_3d(width=8, stem=stem, weights=weights)
    assert torch.allclose(backbone.stem[0].weight.sum((2, 3, 4)), weights.conv1.weight.sum((2, 3)), atol=1e-5)
    assert torch.equal(backbone.stages[0][0].bn1.running_mean, weights.layer1[0].bn1.running_mean)
    assert torch.allclose(
        backbone.stages[3][1].conv2.weight.sum(2), weights.layer4[1].conv2.weight, atol=1e-6
    )


def test_without_weights_the_3d_network_can_tell_motion_at_once() -> None:
    weight = backbone_3d(width=8).stages[0][0].conv1.weight
    assert not torch.allclose(weight[:, :, 0], weight[:, :, 1])


def test_shrinking_keeps_the_direction_of_an_edge_filter() -> None:
    conv = nn.Conv2d(1, 1, 7, padding=3, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.linspace(-1, 1, 7).expand(1, 1, 7, 7))
    rows = shrink_kernel(conv, 3).weight[0, 0]
    assert torch.allclose(rows.sum(), torch.tensor(0.0), atol=1e-5)
    assert (rows[:, 0] < 0).all()
    assert torch.allclose(rows[:, 0], -rows[:, 2], atol=1e-6)


def test_weights_of_another_width_are_refused() -> None:
    with pytest.raises(MebenchError, match="width 8 but the network has width 16"):
        backbone_2d(width=16, weights=resnet18(width=8))


def test_what_has_no_3d_form_is_named() -> None:
    with pytest.raises(MebenchError, match=r"cannot inflate 0: Dropout2d"):
        inflate(nn.Sequential(nn.Dropout2d()))
    with pytest.raises(MebenchError, match="no submodule 'layer9'"):
        inflate(nn.Sequential(nn.ReLU()), stretch=("layer9",))

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mebench.features.inputs import Input  # noqa: E402
from mebench.models.base import TrainSet  # noqa: E402
from mebench_baselines.ststnet import Grouped, STSTNet, STSTNetModel, STSTNetSettings  # noqa: E402


def count(module: nn.Module, kind: type[nn.Module] = nn.Module) -> int:
    return sum(
        p.numel()
        for each in module.modules()
        if isinstance(each, kind)
        for p in each.parameters(recurse=False)
    )


def test_the_layers_that_the_paper_lists_have_1651_parameters_and_the_norms_32() -> None:
    network = STSTNet(3)
    assert count(network) == 1683
    assert count(network, nn.BatchNorm2d) == 32


@pytest.mark.parametrize(("padding", "side"), [(1, 28), (2, 30)])
def test_the_ports_padding_makes_maps_of_30_that_pool_to_the_same_size(padding: int, side: int) -> None:
    network = STSTNet(3, padding)
    picture = torch.zeros(2, 3, 28, 28)
    for stream, maps in zip(network.streams, (3, 5, 8), strict=True):
        assert stream[0](picture).shape == (2, maps, side, side)
        assert stream(picture).shape == (2, maps, 10, 10)


def test_a_stream_rectifies_before_it_normalises() -> None:
    kinds = [type(layer) for layer in STSTNet(3).streams[0]]
    assert kinds == [nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d, nn.Dropout]


def test_three_streams_side_by_side_are_one_convolution_to_16_maps() -> None:
    network = STSTNet(3).eval()
    single = nn.Conv2d(3, 16, 3, padding=1)
    with torch.no_grad():
        single.weight.copy_(torch.cat([stream[0].weight for stream in network.streams]))
        single.bias.copy_(torch.cat([stream[0].bias for stream in network.streams]))
    picture = torch.rand(2, 3, 28, 28)
    maps = nn.Sequential(single, nn.ReLU(), nn.BatchNorm2d(16).eval(), nn.MaxPool2d(3, 3, 1), nn.AvgPool2d(2))
    torch.testing.assert_close(network.classify(maps(picture).flatten(1)), network(picture))


def test_the_settings_are_the_papers() -> None:
    settings = STSTNetSettings()
    assert (settings.epochs, settings.batch_size, settings.lr, settings.padding) == (500, 256, 5e-5, "paper")
    assert type(STSTNetModel().optimizer([nn.Parameter(torch.zeros(2))])).__name__ in ("Adam", "AdamW")


def test_the_picture_enters_unscaled_in_either_order_of_channels() -> None:
    flow = torch.arange(28 * 28 * 3).remainder(256).reshape(1, 28, 28, 3).float()
    stored = STSTNetModel().picture(flow)
    turned = STSTNetModel(STSTNetSettings(channels="bgr")).picture(flow)
    assert stored.shape == (1, 3, 28, 28)
    assert torch.equal(stored[0, 0], flow[0, :, :, 0])
    assert torch.equal(turned[0, 0], flow[0, :, :, 2])
    assert stored.max() == 255


def test_without_shuffling_the_clips_come_class_by_class() -> None:
    labels = np.array([2, 0, 1, 0, 2])
    assert list(Grouped(labels)) == [1, 3, 2, 0, 4]
    train = TrainSet({}, labels, np.zeros((5, 0), np.uint8), np.arange(5), inputs=dict[str, Input]())
    generator = torch.Generator().manual_seed(0)
    port = STSTNetModel(STSTNetSettings(shuffle=False)).sampler(train, generator)
    assert [list(port), list(port)] == [[1, 3, 2, 0, 4]] * 2
    ours = STSTNetModel().sampler(train, generator)
    assert len({tuple(ours) for _ in range(10)}) > 1

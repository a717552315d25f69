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
    assert network.streams[0](picture).shape == (2, 16, side, side)
    assert network.streams(picture).shape == (2, 16, 10, 10)


def test_a_stream_rectifies_before_it_normalises() -> None:
    kinds = [type(layer) for layer in STSTNet(3).streams]
    assert kinds == [nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d, nn.Dropout]


def test_its_one_stream_of_16_maps_is_the_papers_three_side_by_side() -> None:
    network = STSTNet(3)
    picture = torch.rand(5, 3, 28, 28)
    network.streams[4].p = 0.0
    together, apart, first = network.streams[0], [], 0
    for maps in (3, 5, 8):
        stream = nn.Sequential(
            nn.Conv2d(3, maps, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(maps), nn.MaxPool2d(3, 3, 1)
        )
        with torch.no_grad():
            stream[0].weight.copy_(together.weight[first : first + maps])
            stream[0].bias.copy_(together.bias[first : first + maps])
        apart.append(stream(picture))
        first += maps
    torch.testing.assert_close(network.streams(picture), torch.cat(apart, dim=1))


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

"""Channels last in memory: other strides, the same numbers."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mebench.models.layout import channels_last, lay_out  # noqa: E402


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 3, 4, 5, 6)])
def test_channels_lie_last_and_numbers_are_the_same(shape: tuple[int, ...]) -> None:
    maps = torch.rand(shape)
    laid = channels_last(maps)
    assert torch.equal(maps, laid)
    assert laid.stride(1) == 1
    assert maps.stride(1) != 1


def test_what_has_no_channels_stays_as_it_is() -> None:
    vectors = torch.rand(4, 7)
    assert channels_last(vectors) is vectors


def test_kernels_of_two_and_three_dimensions_are_laid_out_and_compute_the_same() -> None:
    network = nn.Sequential(nn.Conv3d(3, 4, 3), nn.Flatten(2, 3), nn.Conv2d(4, 5, 3))
    maps = torch.rand(2, 3, 5, 8, 8)
    before = network(maps)
    lay_out(network)
    assert [network[place].weight.stride(1) for place in (0, 2)] == [1, 1]
    torch.testing.assert_close(network(channels_last(maps)), before)

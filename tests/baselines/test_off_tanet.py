from __future__ import annotations

import math
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from small_fits import count, made, share_right  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.flow_picture import FlowPicture  # noqa: E402
from mebench.features.strain import FlowStrain  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.off_tanet import MapAttention, OffTANet, place_codes  # noqa: E402


def test_it_has_the_published_number_of_parameters() -> None:
    assert count(OffTANet(3)) == 59_403


@pytest.mark.parametrize("side", [48, 112])
def test_it_scores_each_class(side: int) -> None:
    assert OffTANet(5, side)(torch.randn(2, 3, side, side)).shape == (2, 5)


def test_it_reads_measured_flow_or_pictures_of_it(registry: Registry) -> None:
    assert made(registry, "off-tanet", None).inputs() == {"flow": FlowStrain(size=112, resolution=112)}
    assert made(registry, "off-tanet", None, flow="picture").inputs() == {"flow": FlowPicture(size=112)}


def test_place_codes_tell_parity_and_frequency_alone() -> None:
    codes = place_codes(4)
    assert torch.equal(codes, codes.T)
    assert codes[0, 0] == pytest.approx(2 * math.sin(1))
    assert codes[0, 1] == pytest.approx(math.sin(1) + math.cos(1))
    assert codes[2, 2] == pytest.approx(2 * math.sin(10_000**-0.25))


def test_shares_of_a_channel_sum_to_one_over_the_map() -> None:
    attention = MapAttention(28, 6)
    torch.nn.init.zeros_(attention.value.weight)
    torch.nn.init.ones_(attention.value.bias)
    torch.testing.assert_close(attention(torch.randn(2, 28, 6, 6)).sum(dim=(2, 3)), torch.ones(2, 28))


def test_the_learning_rate_steps_down_by_epochs(registry: Registry) -> None:
    model = made(registry, "off-tanet", None)
    model.epoch_steps = 2
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = model.schedule(optimizer, 402)
    rates = []
    for _ in range(241):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[119] == 1
    assert rates[120] == pytest.approx(0.3)
    assert rates[240] == pytest.approx(0.09)


@pytest.mark.parametrize("flow", ["pixels", "picture"])
def test_off_tanet_learns(flow: str, registry: Registry, tmp_path: Path) -> None:
    assert share_right(made(registry, "off-tanet", flow=flow, epochs=20), tmp_path) > 0.8


def test_a_size_that_does_not_halve_four_times_is_refused(registry: Registry) -> None:
    with pytest.raises(MebenchError, match="size"):
        made(registry, "off-tanet", size=100)

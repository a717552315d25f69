from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mebench_baselines.rcn import RCN, RCNModel, RCNSettings  # noqa: E402
from mebench_baselines.rcn_blocks import Dense, Recurrent, Wide, attention  # noqa: E402


def test_a_recurrent_block_uses_one_convolution_twice() -> None:
    block = Recurrent(4).eval()
    x = torch.rand(2, 4, 6, 6)
    y = block.recur(x + block.feed(x))
    assert torch.equal(block(x), block.shrink(block.recur(x + y)))
    assert sum(p.numel() for p in block.parameters()) == (4 * 4 + 4 + 8) + (4 * 4 * 9 + 4 + 8)


def test_a_dense_block_adds_all_that_came_before() -> None:
    block = Dense(4).eval()
    x = torch.rand(2, 4, 6, 6)
    y = block.feed(x)
    z = block.recur(x + y)
    e = block.recur(x + y + z)
    assert torch.equal(block(x), block.shrink(block.recur(x + y + z + e)))


def test_an_attention_of_ones_changes_nothing_in_a_dense_block_and_one_of_zeros_does() -> None:
    block = Dense(4).eval()
    x = torch.rand(2, 4, 6, 6)
    assert torch.equal(block(x, torch.ones(2, 1, 3, 3)), block(x))
    assert not torch.equal(block(x, torch.zeros(2, 1, 3, 3)), block(x))


@pytest.mark.parametrize("shrink", ["stride", "pool"])
def test_wide_streams_keep_their_shares_and_divide_the_sides_by_three(shrink: str) -> None:
    wide = Wide(16, ((1, 2), (2, 4), (3, 4)), shrink)  # type: ignore[arg-type]
    assert wide(torch.rand(2, 3, 28, 28)).shape == (2, 16, 10, 10)
    assert [stream[0].out_channels for stream in wide.streams] == [8, 4, 4]
    assert [stream[0].dilation[0] for stream in wide.streams] == [1, 2, 3]


def test_attention_is_each_classs_weighted_mean_from_0_to_1_averaged_over_classes() -> None:
    maps = torch.rand(2, 4, 3, 3)
    weights = torch.randn(3, 4, 3, 3)
    heat = attention(maps, weights)
    expected = []
    for each in weights:
        seen = (maps * each).mean(1)
        low, high = seen.amin((1, 2), keepdim=True), seen.amax((1, 2), keepdim=True)
        expected.append((seen - low) / (high - low))
    torch.testing.assert_close(heat[:, 0], torch.stack(expected).mean(0))


def test_attention_to_a_blank_clip_is_nothing_instead_of_nan() -> None:
    heat = attention(torch.zeros(1, 4, 3, 3), torch.randn(3, 4, 3, 3))
    assert torch.equal(heat, torch.zeros(1, 1, 3, 3))


def test_attention_weighs_the_maps_alike_where_the_weights_have_one_map() -> None:
    maps, weights = torch.rand(2, 3, 5, 5), torch.randn(3, 1, 5, 5)
    torch.testing.assert_close(attention(maps, weights), attention(maps.flip(1), weights))


@pytest.mark.parametrize("variant", ["a", "p", "c", "f"])
def test_attention_follows_the_last_layer(variant: str) -> None:
    torch.manual_seed(0)
    network = RCN(variant, 3, maps=8, pool=5).eval()  # type: ignore[arg-type]
    picture = torch.rand(2, 3, 28, 28)
    kept: list[torch.Tensor] = []
    network.classify.register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0]))
    network(picture)
    with torch.no_grad():
        network.classify.weight.add_(torch.randn_like(network.classify.weight))
    network(picture)
    assert not torch.equal(*kept)


@pytest.mark.parametrize("variant", ["s", "w"])
def test_variants_without_attention_do_not(variant: str) -> None:
    network = RCN(variant, 3, maps=8, pool=5).eval()  # type: ignore[arg-type]
    picture = torch.rand(2, 3, 28, 28)
    kept: list[torch.Tensor] = []
    network.classify.register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0]))
    network(picture)
    torch.nn.init.zeros_(network.classify.weight)
    network(picture)
    assert torch.equal(*kept)


def test_the_learning_rate_is_halved_every_ten_epochs() -> None:
    model = RCNModel(RCNSettings())
    model.epoch_steps = 3
    optimizer = model.optimizer([torch.nn.Parameter(torch.zeros(1))])
    schedule = model.schedule(optimizer, 300)
    rates = []
    for _ in range(60):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[29] == 5e-4
    assert rates[30] == 2.5e-4
    assert optimizer.param_groups[0]["momentum"] == 0.9

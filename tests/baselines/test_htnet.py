from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from small_fits import CONTEXT, count, faults, made, share_right, training  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.htnet_network import Attention, HTNet, Level  # noqa: E402
from mebench_baselines.mosaic import EYES_AND_MOUTH, mosaic  # noqa: E402


def on_meta(**options: object) -> HTNet:
    with torch.device("meta"):
        return HTNet(3, **options)  # type: ignore[arg-type]


def test_the_published_configurations_have_the_published_number_of_parameters() -> None:
    assert count(on_meta()) == 139_582_982
    assert count(on_meta(layers=(2, 2, 8))) == 114_429_446


def test_queries_and_keys_are_as_many_as_are_known_to_be_idle() -> None:
    idle = [each for name, each in on_meta().named_parameters() if ".query." in name or ".key." in name]
    assert sum(each.numel() for each in idle) == 22_195_200


def test_working_attention_adds_no_more_than_the_places_in_a_block() -> None:
    assert count(on_meta(attention="working")) - count(on_meta()) == 9


def test_attention_over_one_token_is_its_value() -> None:
    attention = Attention(width=16, heads=3)
    token = torch.randn(2, 1, 16)
    torch.testing.assert_close(attention(token), attention.join(attention.value(token)))


def test_attention_is_a_mean_of_values_weighted_by_scaled_products() -> None:
    attention = Attention(width=8, heads=2)
    tokens = torch.randn(5, 4, 8)
    query, key, value = (
        layer(tokens).view(5, 4, 2, 4).transpose(1, 2)
        for layer in (attention.query, attention.key, attention.value)
    )
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(attention(tokens), attention.join(expected.transpose(1, 2).reshape(5, 4, 8)))


def test_a_level_does_not_look_across_its_blocks() -> None:
    level = Level(8, heads=2, layers=1, side=2)
    maps = torch.randn(1, 4, 4, 8)
    changed = maps.clone()
    changed[:, 0, 1, 0] += 1  # of one channel: a layer norm takes off what all have in common
    differs = (level(maps) != level(changed)).any(dim=-1)[0]
    assert differs[:2, :2].all()
    assert not differs[2:].any()
    assert not differs[:2, 2:].any()


def test_with_working_attention_all_parameters_learn(registry: Registry, tmp_path: Path) -> None:
    assert faults(lambda: made(registry, "htnet", epochs=2, attention="working"), tmp_path) == []


def test_working_attention_has_no_idle_parameter(registry: Registry, tmp_path: Path) -> None:
    for attention, idle in (("published", True), ("working", False)):
        model = made(registry, "htnet", attention=attention)
        model.network(training(model, tmp_path, [0, 1]), CONTEXT)
        assert bool(model.idle) is idle


@pytest.mark.parametrize("attention", ["published", "working"])
def test_htnet_learns(attention: str, registry: Registry, tmp_path: Path) -> None:
    assert share_right(made(registry, "htnet", attention=attention, epochs=15), tmp_path) > 0.8


def test_a_mosaic_holds_the_regions_around_the_points() -> None:
    picture = torch.arange(28 * 28.0).view(1, 1, 28, 28)
    tiles = mosaic(picture, EYES_AND_MOUTH)[0, 0]
    for (x, y), (row, column) in zip(EYES_AND_MOUTH, ((7, 7), (7, 21), (21, 7), (21, 21)), strict=True):
        assert tiles[row, column] == picture[0, 0, y, x]
    assert tiles.shape == (28, 28)


def test_swapped_axes_exchange_the_right_eye_and_the_left_corner_of_the_mouth() -> None:
    picture = torch.zeros(1, 1, 28, 28)
    points = ((7, 7), (21, 7), (7, 21), (21, 21))
    picture[..., 7, 21] = 1  # the right eye: x 21, y 7
    picture[..., 21, 7] = 2  # the left corner of the mouth
    right, swapped = (mosaic(picture, points, swapped=each)[0, 0] for each in (False, True))
    assert (right[7, 21], right[21, 7]) == (1, 2)
    assert (swapped[7, 21], swapped[21, 7]) == (2, 1)


def test_a_point_near_the_edge_is_moved_to_where_a_region_fits() -> None:
    picture = torch.rand(1, 3, 28, 28)
    edge, fitting = (0, 27), (7, 21)
    assert torch.equal(mosaic(picture, (edge,) * 4), mosaic(picture, (fitting,) * 4))


def test_each_clip_may_have_points_of_its_own() -> None:
    pictures = torch.rand(2, 3, 28, 28)
    points = torch.tensor([[[8.9, 9], [20, 9], [9, 20], [20, 20]], [[10, 11], [19, 12], [9, 19], [21, 21]]])
    both = mosaic(pictures, points)
    for at in range(2):
        assert torch.equal(both[at], mosaic(pictures[[at]], points[at].tolist())[0])
    assert torch.equal(both[0, :, :14, :14], pictures[0, :, 2:16, 1:15])  # x 8.9 counts as 8


def test_axes_is_a_setting(registry: Registry) -> None:
    flow = torch.rand(2, 28, 28, 3) * 255
    for axes, swapped in (("published", True), ("image", False)):
        model = made(registry, "htnet", axes=axes)
        seen: list[torch.Tensor] = []
        model.outputs(seen.append, {"flow": flow})  # type: ignore[arg-type]
        assert torch.equal(seen[0], mosaic(flow.movedim(-1, 1), EYES_AND_MOUTH, swapped=swapped))


def test_more_heads_than_channels_are_refused(registry: Registry) -> None:
    with pytest.raises(MebenchError, match="heads=9 share width=8"):
        made(registry, "htnet", width=8, heads=9)

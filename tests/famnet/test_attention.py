from __future__ import annotations

from itertools import combinations

import pytest

torch = pytest.importorskip("torch")

from mebench.errors import MebenchError, UnknownNameError  # noqa: E402
from mebench_famnet.attention import (  # noqa: E402
    AXES,
    Attention,
    ChannelAttention,
    SpatialAttention,
    TemporalAttention,
)

SUBSETS = [axes for size in range(4) for axes in combinations(AXES, size)]


@pytest.mark.parametrize("axes", SUBSETS, ids="+".join)
@pytest.mark.parametrize("shape", [(2, 8, 5, 6), (2, 8, 3, 5, 6)], ids=["image", "clip"])
def test_any_subset_of_axes_keeps_the_shape_and_only_dampens(
    axes: tuple[str, ...], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    attend, maps = Attention(8, axes), torch.rand(shape)
    if "temporal" in axes and len(shape) == 4:
        with pytest.raises(MebenchError, match="temporal"):
            attend(maps)
        return
    attended = attend(maps)
    assert attended.shape == maps.shape
    assert (attended <= maps).all()
    assert torch.equal(attended, maps) == (not axes)


def varies_along(gate: torch.Tensor) -> set[int]:
    """The dimensions along which the values are not all the same."""
    return {
        dim for dim in range(gate.ndim) if not torch.allclose(gate, gate.narrow(dim, 0, 1).expand_as(gate))
    }


@pytest.mark.parametrize(
    ("module", "dims"),
    [(ChannelAttention(8), {0, 1}), (SpatialAttention(), {0, 2, 3, 4}), (TemporalAttention(), {0, 2})],
    ids=AXES,
)
def test_a_gate_varies_along_its_own_axis_alone(module: torch.nn.Module, dims: set[int]) -> None:
    torch.manual_seed(0)
    maps = torch.rand(2, 8, 4, 5, 6) + 0.5
    assert varies_along(module(maps) / maps) == dims


def test_spatial_attention_treats_the_frames_of_a_clip_as_images() -> None:
    torch.manual_seed(0)
    attend, clip = SpatialAttention(), torch.rand(2, 8, 3, 5, 6)
    assert torch.allclose(attend(clip)[:, :, 1], attend(clip[:, :, 1]), atol=1e-6)


def test_an_unknown_axis_gets_a_near_match() -> None:
    with pytest.raises(UnknownNameError, match="spatial"):
        Attention(8, ("spacial",))

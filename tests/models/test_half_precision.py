from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.models.half_precision import layers_met, refuse_wrong_layers  # noqa: E402


class _Spoilt(torch.autograd.Function):
    """The identity, whose gradient is not finite where it is computed in bfloat16."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:
        return maps.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0] * (torch.nan if gradients[0].dtype == torch.bfloat16 else 1)


class Spoilt(nn.Conv2d):
    def forward(self, maps: Tensor) -> Tensor:
        return super().forward(_Spoilt.apply(maps))


class SpoiltResult(nn.Linear):
    def forward(self, maps: Tensor) -> Tensor:
        made = super().forward(maps)
        return made * 1.2 if made.dtype == torch.bfloat16 else made


def network(middle: nn.Module) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        middle,
        nn.Flatten(),
        nn.Dropout(),
        nn.LazyLinear(3),
    )


def made(middle: nn.Module) -> tuple[nn.Module, Tensor]:
    torch.manual_seed(0)
    whole, batch = network(middle), torch.rand(4, 3, 8, 8)
    whole(batch)
    return whole, batch


def test_sound_layers_are_let_through_and_left_as_they_were() -> None:
    whole, batch = made(nn.Conv2d(8, 8, 3))
    whole[1].eval()  # a norm that is kept frozen
    before = {name: value.clone() for name, value in whole.state_dict().items()}
    state = torch.get_rng_state()
    refuse_wrong_layers(whole, lambda: whole(batch))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], value) for name, value in whole.state_dict().items())
    assert [module.training for module in whole] == [True, False, True, True, True, True, True]
    assert not any(module._forward_hooks for module in whole.modules())
    assert all(parameter.grad is None for parameter in whole.parameters())


def test_a_wrong_gradient_names_layer_and_shape() -> None:
    whole, batch = made(Spoilt(8, 8, 3))
    expected = r"the gradient of the maps of layer '3' \(Spoilt\) wrongly for maps of 4x8x6x6: use --precision float32"
    with pytest.raises(MebenchError, match=expected):
        refuse_wrong_layers(whole, lambda: whole(batch))


def test_a_wrong_result_is_refused() -> None:
    whole, batch = made(SpoiltResult(6, 6))
    with pytest.raises(MebenchError, match=r"computes the result of layer '3' \(SpoiltResult\) wrongly"):
        refuse_wrong_layers(whole, lambda: whole(batch))


def test_layers_are_met_as_the_batch_goes_through_them() -> None:
    layer = nn.Linear(4, 4)
    whole = nn.Sequential(layer, nn.ReLU(), layer, nn.GRU(4, 4))
    met = layers_met(whole, lambda: whole(torch.rand(5, 4)))
    assert [(each.name, tuple(each.maps.shape), each.maps.dtype) for each in met] == [
        ("0", (5, 4), torch.float32),
        ("0", (5, 4), torch.bfloat16),
    ]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_torchs_own_convolution_is_refused_exactly_where_it_is_wrong(frames: int) -> None:
    conv = nn.Conv3d(16, 16, 3, padding=1)
    maps = torch.randn(2, 16, frames, 3, 3).bfloat16().float()
    upstream = torch.randn(2, 16, frames, 3, 3).bfloat16().float()
    with torch.no_grad():
        conv.weight.copy_(conv.weight.bfloat16())
    (due,) = torch.autograd.grad(conv(maps), conv.weight, upstream)
    with torch.autocast("cpu", torch.bfloat16):
        (found,) = torch.autograd.grad(conv(maps), conv.weight, upstream.bfloat16())
    wrong = not bool(((found - due).abs() <= 0.05 * due.abs().max()).all())
    try:
        refuse_wrong_layers(conv, lambda: conv(maps))
        refused = ""
    except MebenchError as error:
        refused = str(error)
    assert bool(refused) == wrong
    if wrong:
        assert (
            "the gradient of 'weight' of layer 'network' (Conv3d) wrongly for maps of 2x16x2x3x3" in refused
        )

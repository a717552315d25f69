from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from mebench_famnet import frame_conv  # noqa: E402
from mebench_famnet.frame_conv import FrameConv  # noqa: E402

CHANNELS = 64


def results(conv: nn.Module, maps: Tensor, upstream: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """What a convolution makes of maps, and the gradients of maps and kernel."""
    maps = maps.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    made = conv(maps)
    upstream = (
        torch.randn(made.shape, generator=torch.Generator().manual_seed(1)) if upstream is None else upstream
    )
    of_maps, of_kernel = torch.autograd.grad(made, (maps, conv.weight), upstream.to(made))
    return made, of_maps, of_kernel


def pair(*arguments: object, **keywords: object) -> tuple[FrameConv, nn.Conv3d]:
    """The convolution, and torch's own of the same weights in float64."""
    torch.manual_seed(0)
    conv = FrameConv(*arguments, bias=False, **keywords)
    plain = nn.Conv3d(*arguments, bias=False, **keywords)
    plain.load_state_dict(conv.state_dict())
    return conv, plain.double()


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 8, 9, 16])
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(3, 1, 1), ((3, 1, 5), (1, 2, 1), (1, 0, 2)), (3, 2, 1)]
)
def test_it_gives_what_torch_gives(frames: int, kernel: object, stride: object, padding: object) -> None:
    conv, plain = pair(CHANNELS, CHANNELS, kernel, stride=stride, padding=padding)
    maps = torch.randn(2, CHANNELS, frames, 6, 5)
    for mine, due in zip(results(conv, maps), results(plain, maps.double()), strict=True):
        assert mine.shape == due.shape
        torch.testing.assert_close(mine.double(), due, rtol=0, atol=2e-5 * due.abs().max().item())


def test_the_shorter_way_is_taken_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    short = frame_conv.winograd
    monkeypatch.setattr(
        frame_conv, "winograd", lambda *given: taken.append(given[0].shape[2]) or short(*given)
    )
    wide, narrow = (FrameConv(count, count, 3, padding=1, bias=False) for count in (64, 16))
    for frames in (2, 8):
        wide(torch.rand(1, 64, frames, 4, 4)), narrow(torch.rand(1, 16, frames, 4, 4))
    FrameConv(64, 64, 3, padding=1)(torch.rand(1, 64, 8, 4, 4))  # a bias
    with torch.autocast("cpu", torch.bfloat16):
        wide(torch.rand(1, 64, 8, 4, 4))
    assert taken == [8]


def test_a_prediction_may_come_before_training() -> None:
    conv, _ = pair(CHANNELS, CHANNELS, 3, padding=1)
    frame_conv._matrices.cache_clear()
    maps = torch.randn(1, CHANNELS, 7, 3, 3)
    with torch.inference_mode():
        made = conv(maps)
    assert torch.equal(results(conv, maps)[0], made)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d])
@pytest.mark.parametrize(("frames", "extent"), [(1, 3), (2, 3), (3, 3), (2, 5), (4, 5)])
def test_in_bfloat16_the_gradient_is_right_on_maps_of_few_frames(
    frames: int, extent: int, layout: torch.memory_format
) -> None:
    conv, plain = pair(CHANNELS, CHANNELS, (extent, 3, 3), padding=(extent // 2, 1, 1))
    maps = torch.randn(4, CHANNELS, frames, 3, 3).contiguous(memory_format=layout)
    expected = results(plain, maps.double())
    for _ in range(5):
        for size in range(8, 23):
            torch.full((2**size,), torch.nan)  # memory that a kernel may find there
        with torch.autocast("cpu", torch.bfloat16):
            found = results(conv, maps)
        for mine, due in zip(found, expected, strict=True):
            torch.testing.assert_close(mine.double(), due, rtol=0, atol=0.03 * due.abs().max().item())

"""A 3D convolution whose weight gradient is wrong in bfloat16 on a CPU, and what mends it.

    python benchmarks/bf16_conv3d.py                # the fault, its cause, each remedy
    python benchmarks/bf16_conv3d.py --shapes       # which kernels and maps are hit
    ONEDNN_VERBOSE=1 python benchmarks/bf16_conv3d.py | grep backward_weights

Of a kernel of 3 frames on maps of 2, oneDNN's ``jit_bf16:avx512_core_bf16`` (3.12; torch 2.13) steps a frame too far
when the kernel leaves the padding in front: it multiplies the second output frame with map frames 1 and 2 instead of 0
and 1. Frame 2 does not exist: what lies behind the map in memory is taken for it, so that the gradient is now and then
not finite, and wrong in any case. In its source that is ``compute_od_loop_common`` of
``src/cpu/x64/jit_avx512_core_bf16_conv_kernel.cpp``, which adds ``src_common_shift`` where the count of kernel frames
was just cut to the map's. Hit are maps of fewer frames than the kernel has, with more than one frame of output.

Each row counts, of N gradients, those with a number that is not finite, and those further than 2 % of the largest from
float64's on the same rounded numbers. Before each, freed memory is filled with nan, as a training may leave it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Conv = Callable[..., Tensor]
CHANNELS, CLIPS, MAPS = 64, 8, (2, 3, 3)


def padded_first(maps: Tensor, kernel: Tensor, *, padding: Any, stride: int = 1) -> Tensor:
    front = padding[0] if isinstance(padding, tuple) else padding
    inside = (0, *padding[1:]) if isinstance(padding, tuple) else (0, padding, padding)
    return F.conv3d(F.pad(maps, (0, 0, 0, 0, front, front)), kernel, padding=inside, stride=stride)


def gradients(conv: Conv, maps: Tensor, kernel: Tensor, upstream: Tensor, how: dict[str, Any]) -> Tensor:
    kernel = kernel.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    conv(maps, kernel, **how).backward(upstream)
    assert kernel.grad is not None
    return kernel.grad


def drawn(maps: tuple[int, ...], extent: int, channels: int, seed: int) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(seed)
    shapes = (CLIPS, channels, *maps), (channels, channels, extent, 3, 3)
    first, second = (torch.randn(shape, generator=chance).bfloat16() for shape in shapes)
    return first, second


def row(
    name: str,
    conv: Conv = F.conv3d,
    *,
    count: int,
    maps: tuple[int, ...] = MAPS,
    extent: int = 3,
    channels: int = CHANNELS,
    layout: torch.memory_format = torch.contiguous_format,
    dtype: torch.dtype = torch.bfloat16,
    around: Callable[[], AbstractContextManager[Any]] = nullcontext,
    **how: Any,
) -> None:
    how = {"padding": (extent // 2, 1, 1), **how}
    broken = wrong = 0
    for seed in range(count):
        x, kernel = (each.to(memory_format=layout) for each in drawn(maps, extent, channels, seed))
        upstream = torch.randn(F.conv3d(x, kernel, **how).shape).bfloat16()
        due = gradients(F.conv3d, x.double(), kernel.double(), upstream.double(), how)
        for size in range(8, 23):
            torch.full((2**size,), torch.nan)
        with around():
            found = gradients(conv, x.to(dtype), kernel.to(dtype), upstream.to(dtype), how)
        broken += not bool(found.isfinite().all())
        wrong += not bool(((found - due).abs() <= 0.02 * due.abs().max()).all())
    print(f"{name:<44} not finite {broken:>3}, wrong {wrong:>3} of {count}", flush=True)


def cause() -> None:
    """Whether the wrong part of the gradient is the right one of maps moved on by a frame."""
    x, kernel = drawn(MAPS, 3, CHANNELS, 0)
    upstream = torch.randn(F.conv3d(x, kernel, padding=1).shape).bfloat16()
    found = gradients(F.conv3d, x, kernel, upstream, {"padding": 1})
    moved = torch.stack([x[:, :, 1], x[:, :, 1]], dim=2).double()
    how: dict[str, Any] = {"padding": 1}
    due, shifted = (
        gradients(F.conv3d, maps, kernel.double(), upstream.double(), how) for maps in (x.double(), moved)
    )
    scale = due.abs().max()
    for frame in range(3):
        off, of_shifted = (
            ((found - each)[:, :, frame].abs().max() / scale).item() for each in (due, shifted)
        )
        print(
            f"  kernel frame {frame}: off by {off:.2g}; from the gradient of maps a frame on, by {of_shifted:.2g}"
        )


def child(environment: dict[str, str], count: int) -> None:
    name = " ".join(f"{key}={value}" for key, value in environment.items())
    done = subprocess.run(
        [sys.executable, __file__, "--only", name, "--count", str(count)],
        env={**os.environ, **environment},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    print(done.stdout or f"{name}: ended with {done.returncode}", end="", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--shapes", action="store_true")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    count = arguments.count
    torch.set_num_threads(1)
    if arguments.only:
        row(arguments.only, count=count)
        return
    onednn = re.search(r"MKL-DNN v(\S+)", torch.__config__.show())
    isa = torch.backends.cpu.get_cpu_capability()
    print(f"torch {torch.__version__}, oneDNN {onednn[1] if onednn else 'none'}, {isa}, 1 thread")
    print(f"conv3d {CHANNELS} -> {CHANNELS}, kernel 3x3x3, padding 1, {CLIPS} maps of 2x3x3")
    row("as it is", count=count)
    cause()
    if arguments.shapes:
        for maps in ((1, 3, 3), (2, 1, 1), (2, 7, 7), (2, 14, 14), (3, 3, 3), (4, 3, 3)):
            row(f"maps {'x'.join(map(str, maps))}", count=count, maps=maps)
        for frames in range(1, 6):
            row(f"kernel of 5 frames, maps of {frames}", count=count, maps=(frames, 3, 3), extent=5)
        row("stride 2, maps 2x6x6 (one frame of output)", count=count, maps=(2, 6, 6), stride=2)
        row("padding 2 in time, maps 1x3x3", count=count, maps=(1, 3, 3), padding=(2, 1, 1))
        for channels in (3, 16, 128):
            row(f"{channels} channels", count=count, channels=channels)
        return
    row("channels_last_3d", count=count, layout=torch.channels_last_3d)
    row("padded by hand in time", padded_first, count=count)
    row("float32", count=count, dtype=torch.float32)
    row("float16", count=count, dtype=torch.float16)
    row("oneDNN off", count=count, around=lambda: torch.backends.mkldnn.flags(enabled=False))
    torch.set_num_threads(2)
    row("2 threads", count=count)
    for isa in ("AVX512_CORE", "AVX512_CORE_BF16", "AVX2"):
        child({"ONEDNN_MAX_CPU_ISA": isa}, count)


if __name__ == "__main__":
    main()

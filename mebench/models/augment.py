"""Random changes of training clips that leave the expression as it is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mebench.features.inputs import Input

_SHIFT = 1 / 16  # of the side, each way
_LIGHT = 0.2  # gain and contrast, each way
_MIRRORED = 0.5  # share of the clips


def augment(pictures: Tensor, generator: torch.Generator, kind: Input | None = None) -> Tensor:
    """Mirror, shift and relight each clip at random, the same way for all of its frames.

    Args:
        pictures: (B, C, H, W) or (B, C, T, H, W), as :func:`mebench.models.batches.to_tensor` gives them, normalised
            or not.
        generator: the only source of chance, on the CPU; how much is drawn depends on the number of clips alone.
        kind: their input, whose :meth:`~mebench.features.inputs.Input.mirror` counts where it has one.
    """
    count, side = len(pictures), pictures.shape[-1]
    draws = _draws(count, generator)
    margin = max(1, round(side * _SHIFT))
    flat = pictures if pictures.dim() == 4 else pictures.flatten(1, 2)
    padded = F.pad(flat, (margin,) * 4, mode="replicate")
    changed = []
    for clip, (mirror, right, down, gain, contrast) in zip(padded, draws.tolist(), strict=True):
        x, y = int(right * (2 * margin + 1)), int(down * (2 * margin + 1))
        frame = clip[:, y : y + flat.shape[-2], x : x + side].reshape(pictures.shape[1:])
        if mirror < _MIRRORED:
            turned = kind.mirror(frame[None]) if kind else None
            frame = frame.flip(-1) if turned is None else turned[0]
        changed.append(frame * (1 + _LIGHT * (2 * contrast - 1)) + _LIGHT * (2 * gain - 1))
    return torch.stack(changed)


def _draws(clips: int, generator: torch.Generator) -> Tensor:
    """Return what decides of each clip, (clips, 5): mirror, right, down, gain, contrast."""
    return torch.rand(clips, 5, generator=generator)


def augment_measurements(x: Tensor, kind: Input, generator: torch.Generator) -> Tensor:
    """Mirror some clips' measurements (B, \\*shape) at random, where their input says how; else leave them.

    Nothing else is changed: a shift or another light would be another measurement.
    """
    chosen = _draws(len(x), generator)[:, 0] < _MIRRORED
    mirrored = kind.mirror(x)
    if mirrored is None:
        return x
    return torch.where(chosen.to(x.device).view(-1, *[1] * (x.dim() - 1)), mirrored, x)

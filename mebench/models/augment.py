"""Random changes of training clips that leave the expression as it is."""

from __future__ import annotations

import torch
from torch import Tensor

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
    mirror, right, down, gain, contrast = _draws(len(pictures), generator).double().unbind(1)
    mirrored = mirror < _MIRRORED
    margin = max(1, round(pictures.shape[-1] * _SHIFT))
    right, down = ((each * (2 * margin + 1)).long() - margin for each in (right, down))
    light = torch.stack([1 + _LIGHT * (2 * contrast - 1), _LIGHT * (2 * gain - 1)]).float()
    mirrored, right, down, light = (each.to(pictures.device) for each in (mirrored, right, down, light))
    turned = None
    if kind is not None and type(kind).mirror is not Input.mirror:
        shown = _cropped(pictures, right, down, torch.zeros_like(mirrored))
        turned = kind.mirror(shown)
    if turned is None:
        changed = _cropped(pictures, right, down, mirrored)
    else:
        changed = torch.where(_of_each(mirrored, shown), turned, shown)
    return changed.mul_(_of_each(light[0], pictures)).add_(_of_each(light[1], pictures))


def _cropped(pictures: Tensor, right: Tensor, down: Tensor, mirrored: Tensor) -> Tensor:
    """Return each clip shifted by so many pixels, its edge repeated, and turned where it is ``mirrored``."""
    high, wide = pictures.shape[-2:]
    down_to, right_to = (torch.arange(each, device=pictures.device) for each in (high, wide))
    columns = torch.where(mirrored[:, None], right_to.flip(0), right_to)
    columns = (columns + right[:, None]).clamp(0, wide - 1)
    rows = (down_to + down[:, None]).clamp(0, high - 1)
    places = (rows[:, :, None] * wide + columns[:, None, :]).flatten(1)[:, None]
    planes = pictures.reshape(len(pictures), -1, high * wide)
    return planes.gather(2, places.expand(-1, planes.shape[1], -1)).view(pictures.shape)


def _of_each(values: Tensor, clips: Tensor) -> Tensor:
    """Return a value of each clip, (B,), so that it meets all that the clip has."""
    return values.view(-1, *[1] * (clips.dim() - 1))


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
    return torch.where(_of_each(chosen.to(x.device), x), mirrored, x)

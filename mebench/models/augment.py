"""Pictures as tensors, and random changes of training clips that leave the expression as it is."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

# ImageNet's statistics, which pretrained backbones expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)

_SHIFT = 1 / 16  # of the side, each way
_LIGHT = 0.2  # gain and contrast, each way


def to_tensor(pixels: np.ndarray) -> Tensor:
    """Return uint8 frames (B, H, W, 3) or clips (B, T, H, W, 3) as float32 (B, 3, H, W) or (B, 3, T, H, W).

    Values are normalised with ImageNet's mean and standard deviation of each channel.
    """
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).float().div_(255)
    tensor = tensor.sub_(torch.tensor(_MEAN)).div_(torch.tensor(_STD))
    return tensor.movedim(-1, 1).contiguous()


def augment(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror, shift and relight each clip at random, the same way for all of its frames.

    Args:
        pixels: (B, 3, H, W) or (B, 3, T, H, W), as :func:`to_tensor` gives them.
        generator: the only source of chance, on the CPU.
    """
    count, side = len(pixels), pixels.shape[-1]
    draws = torch.rand(count, 5, generator=generator)
    margin = max(1, round(side * _SHIFT))
    flat = pixels if pixels.dim() == 4 else pixels.flatten(1, 2)
    padded = F.pad(flat, (margin,) * 4, mode="replicate")
    moved = []
    for clip, (mirror, right, down, gain, contrast) in zip(padded, draws.tolist(), strict=True):
        x, y = int(right * (2 * margin + 1)), int(down * (2 * margin + 1))
        frame = clip[:, y : y + flat.shape[-2], x : x + side]
        frame = frame.flip(-1) if mirror < 0.5 else frame
        scale = 1 + _LIGHT * (2 * contrast - 1)
        moved.append(frame * scale + _LIGHT * (2 * gain - 1))
    return torch.stack(moved).view_as(pixels)

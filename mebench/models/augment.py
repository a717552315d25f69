"""Inputs as tensors, and random changes of training clips that leave the expression as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

# ImageNet's statistics, which pretrained backbones expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)

_SHIFT = 1 / 16  # of the side, each way
_LIGHT = 0.2  # gain and contrast, each way


def to_tensor(array: np.ndarray) -> Tensor:
    """Return inputs (B, H, W, C) or (B, T, H, W, C) as float32 (B, C, H, W) or (B, C, T, H, W).

    Pictures (uint8 of 3 channels) are normalised with ImageNet's mean and standard deviation of each
    channel; measurements (float types, such as optical flow) keep their values.
    """
    tensor = torch.from_numpy(np.ascontiguousarray(array)).float()
    if array.dtype == np.uint8:
        tensor = tensor.div_(255).sub_(torch.tensor(_MEAN)).div_(torch.tensor(_STD))
    return tensor.movedim(-1, 1).contiguous()


def augment(
    inputs: Tensor, generator: torch.Generator, *, negated: Sequence[int] = (), relit: bool = True
) -> Tensor:
    """Mirror, shift and relight each clip at random, the same way for all of its frames.

    Args:
        inputs: (B, C, H, W) or (B, C, T, H, W), as :func:`to_tensor` gives them.
        generator: the only source of chance, on the CPU; how much is drawn does not depend on the rest.
        negated: channels whose sign turns with the mirror
            (:attr:`~mebench.features.inputs.Input.negated_by_mirror`).
        relit: light changes too; measurements have none.
    """
    count, side = len(inputs), inputs.shape[-1]
    draws = torch.rand(count, 5, generator=generator)
    margin = max(1, round(side * _SHIFT))
    flat = inputs if inputs.dim() == 4 else inputs.flatten(1, 2)
    padded = F.pad(flat, (margin,) * 4, mode="replicate")
    moved = []
    for clip, (mirror, right, down, gain, contrast) in zip(padded, draws.tolist(), strict=True):
        x, y = int(right * (2 * margin + 1)), int(down * (2 * margin + 1))
        frame = clip[:, y : y + flat.shape[-2], x : x + side].reshape(inputs.shape[1:])
        if mirror < 0.5:
            frame = frame.flip(-1)
            frame[list(negated)] *= -1
        if relit:
            frame = frame * (1 + _LIGHT * (2 * contrast - 1)) + _LIGHT * (2 * gain - 1)
        moved.append(frame)
    return torch.stack(moved)

"""The published flow pictures of all 442 clips of MEGC2019: onset to apex, one 28 x 28 PNG a clip.

They are in wangzhifengharrison/HTNet, folder ``datasets/STSNet_whole_norm_u_v_os``, and elsewhere; clips and labels
are in the organisers' ``combined_3class_gt.csv`` (Facial-Micro-ExpressionGC/MEGC2019). A picture is called
``<subject>_<clip> .png``, with a blank before the ending.
What is known of the channels was found from the 442 pictures, read as RGB, and stands in the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mebench.api import FlowFiles, FlowPicture, Input, ReadyDataset


class Megc2019Flow(ReadyDataset):
    """The flow pictures of MEGC2019."""

    name = "megc2019-flow"
    lists = ("combined_3class_gt", "*combined_3class_gt*")
    folders = ("STSNet_whole_norm_u_v_os", "datasets/STSNet_whole_norm_u_v_os")
    size = (28, 28)
    holds = "flow pictures of onset to apex (u, v, strain)"
    known = (
        "read as RGB; OpenCV reads the channels the other way round",
        "each channel of each picture is stretched to 0..255: zero and scale of the flow are lost",
        "the first channel is u, the horizontal component: its mean picture turns into its negative in a mirror "
        "(correlation -.91), as faces that move alike on both sides make it; the second, v, stays (+.95); SAMM, "
        "CASME II and SMIC agree, each by itself",
        "the third is the strain of the other two: it correlates at .88 (median) with the strain computed from them, "
        "and at .55 with their magnitude, each at the best zero and scale; u and v swapped give .86, and so does one "
        "of them negated",
    )
    unknown = (
        "which way u and v point (only that both are turned as a picture's axes are, or both against them)",
        "the method of flow, and the size it was estimated at",
        "whether the strain's formula has the product of uy and vx (.881 with it, .882 without)",
    )

    def read_as(self, wanted: Input) -> Input | None:
        """Return the reader of a flow picture with strain, whichever method of flow it asks for."""
        if isinstance(wanted, FlowPicture) and wanted.third == "strain":
            return FlowFiles(wanted.size)
        return wanted if isinstance(wanted, FlowFiles) else None

    def why_not(self, wanted: Any) -> str:
        """Say what the pictures lack."""
        if isinstance(wanted, FlowPicture):
            return f"their third channel is the strain, not the {wanted.third}"
        return "they show no face, and each channel was stretched, so zero and scale of the flow are lost"

    def doubts(self, pictures: Mapping[str, np.ndarray]) -> Sequence[str]:
        """Return what does not fit flow pictures: channels in another order or not stretched, another third."""
        stack = np.stack(list(pictures.values())).astype(np.float64)
        return [
            *_not_stretched(list(pictures), stack),
            *_not_in_order(stack),
        ]


def _not_stretched(keys: list[str], stack: np.ndarray) -> list[str]:
    least, greatest = stack.min(axis=(1, 2)), stack.max(axis=(1, 2))
    wrong = [
        key
        for key, fits in zip(keys, ((least == 0) & (greatest == 255)).all(axis=1), strict=True)
        if not fits
    ]
    return (
        [f"{len(wrong)} picture(s) have a channel that does not run from 0 to 255, {wrong[0]} first"]
        if wrong
        else []
    )


def _not_in_order(stack: np.ndarray) -> list[str]:
    doubts = []
    skews = [float(np.median(_skewness(stack[..., channel]))) for channel in range(3)]
    if skews[2] <= max(skews[:2]) + 1:
        said = ", ".join(f"{skew:.2f}" for skew in skews)
        doubts.append(
            f"the third channel is not skewed as a strain is (skewness of the three: {said}): red and blue may be "
            "swapped"
        )
    agreement = float(np.median(_correlation(_strain(stack), stack[..., 2])))
    if agreement < 0.5:
        doubts.append(
            f"the third channel is not the strain of the first two (correlation {agreement:.2f}): it may be a "
            "magnitude, or channels may be swapped"
        )
    u, v = (_turned(stack[..., channel]) for channel in (0, 1))
    if u > v:
        doubts.append(
            f"the first channel stays the same in a mirror more than the second does (correlation {u:.2f} and "
            f"{v:.2f}): u and v may be swapped"
        )
    return doubts


def _strain(stack: np.ndarray) -> np.ndarray:
    """Return the strain of the first two channels, (n, H, W), as if both were stretched alike."""
    uy, ux = np.gradient(stack[..., 0], axis=(1, 2))
    vy, vx = np.gradient(stack[..., 1], axis=(1, 2))
    strain: np.ndarray = np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2)
    return strain


def _turned(channel: np.ndarray) -> float:
    """Return how the mean picture of a channel (n, H, W) correlates with itself in a mirror."""
    mean = channel.mean(axis=0, keepdims=True)
    return float(_correlation(mean, mean[:, :, ::-1])[0])


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the correlation of each two maps, (n,); 0 where one of them is flat."""
    a, b = (_centred(maps) for maps in (one, other))
    power = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.where(power > 0, power, 1))


def _skewness(maps: np.ndarray) -> np.ndarray:
    flat = _centred(maps)
    spread = flat.std(axis=1)
    return np.asarray((flat**3).mean(axis=1) / np.where(spread > 0, spread, 1) ** 3)


def _centred(maps: np.ndarray) -> np.ndarray:
    flat = maps.reshape(len(maps), -1)
    centred: np.ndarray = flat - flat.mean(axis=1, keepdims=True)
    return centred

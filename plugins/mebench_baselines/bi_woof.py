"""Bi-WOOF: histograms of flow directions, weighted twice, by how far and by how much the skin is strained.

    BiWoof()                       # onset to apex, float32 (200,)
    bi_woof(flow, strain)          # of any flow (H, W, 2)

Liong, See, Wong and Phan 2018, "Less is more: micro-expression recognition from video using apex frame", Signal
Processing: Image Communication 62.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from mebench.api import ClipReader, FeatureView, Input, MebenchError, OpticalFlow, optical_strain

from .svm import HandCrafted, SvmSettings


def bi_woof(flow: np.ndarray, strain: np.ndarray, blocks: int = 5, bins: int = 8) -> np.ndarray:
    """Return the histograms, float64 (blocks * blocks * bins,), of length 1; 0 where nothing moves or is strained.

    Args:
        flow: (H, W, 2), u to the right and v downwards.
        strain: (H, W).
        blocks: each way, without overlap.
        bins: of direction ``atan2(v, u)``, evenly from -180 to 180 degrees. Each vector counts with its length; a
            block's histogram sums to 1, and then to the block's sum of strain.
    """
    height, width, _ = flow.shape
    u, v = flow[..., 0].astype(float), flow[..., 1].astype(float)
    # 180 degrees are -180: both lie in the first bin.
    turn = (np.arctan2(v, u) / (2 * np.pi) + 0.5) % 1
    direction = np.minimum((turn * bins).astype(int), bins - 1)
    row, column = (np.arange(side) * blocks // side for side in (height, width))
    block = row[:, None] * blocks + column
    places, weights = (block * bins + direction).ravel(), np.hypot(u, v).ravel()
    histograms = np.bincount(places, weights, minlength=blocks * blocks * bins).reshape(-1, bins)
    strains = np.bincount(block.ravel(), strain.ravel(), minlength=blocks * blocks)[:, None]
    weighted = _over(histograms, histograms.sum(axis=1, keepdims=True)) * strains
    return _over(weighted, np.sqrt((weighted**2).sum(keepdims=True))).ravel()


def _over(values: np.ndarray, total: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    return quotient


@dataclass(frozen=True)
class BiWoof(Input):
    """Bi-WOOF of the flow from onset to apex, float32 (blocks * blocks * bins,).

    Flow and strain are taken at ``resolution``, the side of the frames in pixels, by ``method`` (see
    :func:`mebench.features.flow.optical_flow`).
    """

    kind: ClassVar[Literal["picture", "measurement"]] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    method: str = "tvl1"
    resolution: int = 224
    blocks: int = 5
    bins: int = 8

    def __post_init__(self) -> None:
        if self.blocks < 1 or self.bins < 2 or self.resolution < self.blocks:
            raise MebenchError(
                f"Bi-WOOF of {self.blocks} blocks each way and {self.bins} bins at {self.resolution} pixels: ask "
                "for at least 1 block, 2 bins and a pixel for each block"
            )
        self._flow()

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (blocks * blocks * bins,)."""
        return (self.blocks * self.blocks * self.bins,)

    def describe(self) -> dict[str, Any]:
        """Return the identity, with the version of the library that estimates the flow."""
        return {**super().describe(), "flow": self._flow().describe()}

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the histograms."""
        flow = self._flow().full(clip)
        return bi_woof(flow, optical_strain(flow), self.blocks, self.bins).astype(np.float32)

    def _flow(self) -> OpticalFlow:
        return OpticalFlow(self.method, resolution=self.resolution)


class BiWoofSettings(SvmSettings):
    """Settings of Bi-WOOF + SVM."""

    flow: Literal["tvl1", "farneback", "dis"] = Field("tvl1", description="how the flow is estimated")
    resolution: int = Field(
        224, ge=32, le=1024, description="side of the frames, in pixels", json_schema_extra={"assumed": True}
    )
    blocks: int = Field(5, ge=1, le=16, description="blocks each way")
    bins: int = Field(8, ge=2, le=72, description="directions that are told apart")


class BiWoofSvm(HandCrafted):
    """Doubly weighted histograms of flow directions from onset to apex, linear SVM."""

    Settings = BiWoofSettings
    settings: BiWoofSettings
    presets: ClassVar = {"small": {"resolution": 96}}
    known = (
        "Flow by TV-L1 from onset to apex; 5 x 5 blocks of 8 directions, weighted by the flow's length, normalised, "
        "weighted by the block's optical strain, 200 numbers of length 1; a linear SVM.",
        "The sum of strain (published code) and its mean (paper) give the same vector where blocks are of one size.",
    )
    assumed = (
        "The SVM's C is 1, LIBSVM's own default; frames of 224 x 224; a block's histogram is normalised to the sum 1.",
        "Blocks do not overlap: in the published code they share a line of pixels.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the histograms."""
        s = self.settings
        return {"woof": BiWoof(s.flow, s.resolution, s.blocks, s.bins)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return the histograms, one row a clip."""
        return features["woof"][:]

"""LBP-TOP with a linear SVM: the official baseline of MEGC2019, and the field's oldest yardstick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from mebench.api import FeatureView, Input

from .lbp_top import LbpTop
from .svm import HandCrafted, SvmSettings


class LbpTopSettings(SvmSettings):
    """Settings of LBP-TOP + SVM."""

    size: int = Field(
        160,
        ge=16,
        le=512,
        description="side of the grey frames, in pixels",
        json_schema_extra={"assumed": True},
    )
    frames: int = Field(10, ge=3, le=128, description="frames after temporal interpolation")
    blocks: int = Field(5, ge=1, le=16, description="blocks each way")
    points: int = Field(4, ge=2, le=16, description="neighbours in each plane")
    radii: tuple[int, int, int] = Field((1, 1, 4), description="radii of x, y and time")
    uniform: bool = Field(
        False, description="only uniform patterns have bins of their own", json_schema_extra={"assumed": True}
    )


class LbpTopSvm(HandCrafted):
    """Histograms of local binary patterns in three planes of the clip, linear SVM."""

    Settings = LbpTopSettings
    settings: LbpTopSettings
    presets: ClassVar = {
        "small": {"size": 64},
        # The usual variant of eight neighbours and 59 bins.
        "p8": {"points": 8, "uniform": True, "radii": (1, 1, 2)},
    }
    known = (
        "The MEGC2019 baseline: temporal interpolation to 10 frames, 4 points at radii 1, 1, 4, 5 x 5 blocks, a linear "
        "SVM (See et al. 2019).",
        "With 10 frames and a temporal radius of 4, codes are taken of 2 frames only.",
    )
    assumed = (
        "The SVM's C is 1, LIBSVM's own default.",
        "Grey frames of 160 x 160; all 16 codes of 4 points have a bin; codes are those of the whole frame, cut into "
        "blocks afterwards.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the histograms."""
        s = self.settings
        return {"lbp": LbpTop(s.size, s.frames, s.blocks, s.points, s.radii, s.uniform)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return the histograms, one row a clip: 5 * 5 * 3 * 16 = 1200 numbers by default."""
        return features["lbp"][:]

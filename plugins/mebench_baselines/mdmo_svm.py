"""MDMO with an SVM, on 72 numbers a clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from mebench.api import FeatureView, Input, WeightFile

from .mdmo import MainDirections
from .svm import HandCrafted, SvmSettings


class MdmoSettings(SvmSettings):
    """Settings of MDMO + SVM."""

    flow: Literal["tvl1", "farneback", "dis"] = Field(
        "farneback", description="how the flow is estimated", json_schema_extra={"assumed": True}
    )
    resolution: int = Field(
        224, ge=32, le=1024, description="side of the frames, in pixels", json_schema_extra={"assumed": True}
    )
    steady: bool = Field(True, description="the motion of the head is taken off the flow first")
    beta: float = Field(0.8, ge=0, le=1, description="weight of the lengths; the angles have the rest")
    landmarks: Literal["centerface", "mediapipe", "template"] = Field(
        "centerface",
        description="what places the 68 landmarks; template: where an average face of `data prepare` has them",
        json_schema_extra={"assumed": True},
    )
    landmark_model: WeightFile | None = Field(None, description="MediaPipe's model file, if that places them")
    kernel: Literal["linear", "poly", "rbf"] = Field("poly", description="the SVM's kernel")
    c: float = Field(
        28.0,
        gt=0,
        description="the SVM's C: larger values trust the training clips more",
        json_schema_extra={"assumed": True},
    )


class MdmoSvm(HandCrafted):
    """Main direction of the flow in 36 areas of the face, averaged over the clip, SVM."""

    Settings = MdmoSettings
    settings: MdmoSettings
    presets: ClassVar = {"small": {"resolution": 112, "landmarks": "template"}}
    known = (
        "36 areas from facial landmarks; in each frame the mean of the flow vectors in the fullest of 8 directions; "
        "their mean over the frames as 36 lengths, divided by the largest, and 36 angles; an SVM.",
        "The head's motion is taken off by an affine map of 13 landmarks.",
    )
    assumed = (
        "The polynomial kernel is what others report of the paper.",
        "68 landmarks are placed by what is there: a mean face fitted to CenterFace's five points, or the mesh of "
        "MediaPipe; the paper follows those of its own detector. The areas' corners are ours, since the paper gives no "
        "coordinates.",
        "Flow by Farneback, C 28 and the weight 0.8 as in the meb library; the kernel's degree (3) and scale.",
        "The flow itself follows the 13 landmarks; means over frames are those of vectors.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the main directions."""
        s = self.settings
        return {"mdmo": MainDirections(s.flow, s.resolution, s.steady, s.landmarks, s.landmark_model)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return lengths over the clip's largest, weighted, and angles in radians, weighted: (n, 72)."""
        u, v = np.moveaxis(features["mdmo"][:].astype(float), -1, 0)
        lengths = np.hypot(u, v)
        largest = lengths.max(axis=1, keepdims=True)
        lengths = np.divide(lengths, largest, out=np.zeros_like(lengths), where=largest > 0)
        beta = self.settings.beta
        return np.hstack([beta * lengths, (1 - beta) * np.arctan2(v, u)])

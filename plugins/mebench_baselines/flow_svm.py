"""A linear SVM on the flow picture: what the pixels of the field's input give without any network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mebench.api import FeatureView, FlowPicture, Input, ModelSettings, SklearnModel


class FlowSvmSettings(ModelSettings):
    """Settings of the SVM on flow; the preset ``meb`` gives the meb library's OF + SVM."""

    size: int = Field(28, ge=8, le=512, description="side of the flow picture, in pixels")
    kernel: Literal["linear", "rbf"] = Field("linear", description="the SVM's kernel")
    c: float = Field(0.01, gt=0, description="the SVM's C: larger values trust the training clips more")
    standardise: bool = Field(
        True, description="each pixel to mean 0 and deviation 1 over the training clips, else from 0 to 1"
    )
    balanced: bool = Field(True, description="rare classes weigh as much as frequent ones")


class FlowSvm(SklearnModel):
    """u, v and optical strain as one row a clip, standardised on the training clips, SVM."""

    Settings = FlowSvmSettings
    settings: FlowSvmSettings
    presets: ClassVar = {
        "meb": {"size": 32, "kernel": "rbf", "c": 28.0, "standardise": False, "balanced": False}
    }
    known = (
        "The preset meb is the OF + SVM of the meb library: u, v and strain, 32 x 32, each stretched to 0 to 1, "
        "RBF kernel, C 28.",
    )
    assumed = (
        "The default (linear, C .01, balanced, standardised) is this project's floor, no published recipe.",
    )
    wrong = (
        "The meb library's strain has no cross term: sqrt(ux^2 + vy^2 + (uy^2 + vx^2) / 2). Ours is the tensor's.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the flow picture."""
        return {"flow": FlowPicture(size=self.settings.size)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return the picture as one row of values from 0 to 1 for each clip, (n, size * size * 3)."""
        pictures = features["flow"][:].astype(np.float32) / 255
        rows: np.ndarray = pictures.reshape(len(pictures), -1)
        return rows

    def estimator(self, seed: int) -> Any:
        """Return the SVM, behind a scaler if it is to be standardised."""
        settings = self.settings
        svm = SVC(
            kernel=settings.kernel,
            C=settings.c,
            class_weight="balanced" if settings.balanced else None,
            random_state=seed,
        )
        return make_pipeline(StandardScaler(), svm) if settings.standardise else svm

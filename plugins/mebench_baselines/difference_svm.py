"""The difference picture of onset and apex with a linear SVM: motion at its simplest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mebench.api import ApexFrame, FeatureView, Input, ModelSettings, OnsetFrame, SklearnModel


class DifferenceSvmSettings(ModelSettings):
    """Settings of the difference-picture SVM."""

    size: int = Field(32, ge=8, le=512, description="side of the grey difference picture, in pixels")
    c: float = Field(0.01, gt=0, description="the SVM's C: larger values trust the training clips more")


class DifferenceSvm(SklearnModel):
    """Grey apex minus grey onset, standardised on the training clips, linear SVM with balanced classes."""

    Settings = DifferenceSvmSettings
    settings: DifferenceSvmSettings

    def inputs(self) -> Mapping[str, Input]:
        """Return the two frames."""
        return {"onset": OnsetFrame(self.settings.size), "apex": ApexFrame(self.settings.size)}

    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return apex minus onset as one row of grey values a clip."""
        onset, apex = (features[name][:].astype(np.float32).mean(axis=-1) for name in ("onset", "apex"))
        rows: np.ndarray = (apex - onset).reshape(len(apex), -1)
        return rows

    def estimator(self, seed: int) -> Any:
        """Return scaler and SVM."""
        svm = SVC(kernel="linear", C=self.settings.c, class_weight="balanced", random_state=seed)
        return make_pipeline(StandardScaler(), svm)

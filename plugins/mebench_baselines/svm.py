"""What the hand-crafted baselines share: one support vector machine on one vector a clip."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from sklearn.svm import SVC

from mebench.api import ModelSettings, SklearnModel


class SvmSettings(ModelSettings):
    """Settings of the classifier."""

    kernel: Literal["linear", "poly", "rbf"] = Field("linear", description="the SVM's kernel")
    c: float = Field(
        1.0,
        gt=0,
        description="the SVM's C: larger values trust the training clips more",
        json_schema_extra={"assumed": True},
    )
    balanced: bool = Field(False, description="rare classes weigh as much as frequent ones")


class HandCrafted(SklearnModel):
    """A support vector machine; subclasses say which vectors it sees."""

    Settings = SvmSettings
    settings: SvmSettings

    def estimator(self, seed: int) -> Any:
        """Return the SVM."""
        weight = "balanced" if self.settings.balanced else None
        return SVC(kernel=self.settings.kernel, C=self.settings.c, class_weight=weight, random_state=seed)

"""The adapter for scikit-learn: a model is a vector of each clip and an estimator.

class DifferenceSvm(SklearnModel):
    def inputs(self):
        return {"apex": ApexFrame(size=32), "onset": OnsetFrame(size=32)}

    def vectors(self, features):
        return (features["apex"][:].astype(float) - features["onset"][:]).reshape(len(features["apex"]), -1)

    def estimator(self, seed):
        return make_pipeline(StandardScaler(), SVC(random_state=seed))
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet
from mebench.models.features import FeatureView


class SklearnModel(Model):
    """A scikit-learn classifier on one vector a clip.

    An estimator with ``predict_proba`` gives its probabilities; another one gives 1 to the class it
    predicts. Classes that a training fold lacks get probability 0.
    """

    @abstractmethod
    def vectors(self, features: Mapping[str, FeatureView]) -> np.ndarray:
        """Return one row of numbers for each clip, (n, d). It must treat each clip by itself."""

    @abstractmethod
    def estimator(self, seed: int) -> Any:
        """Return a fresh, unfitted classifier."""

    def fit(self, train: TrainSet, context: Context) -> None:
        """Fit the estimator; a fold with one class only is learnt as that class."""
        self._classes = len(context.classes)
        present = np.unique(train.labels)
        self._only = int(present[0]) if len(present) == 1 else None
        if self._only is None:
            # scikit-learn takes 32-bit seeds.
            self.estimator_ = self.estimator(context.seed % 2**32)
            self.estimator_.fit(self.vectors(train.features), train.labels)

    def predict(self, test: TestSet) -> Predictions:
        """Return the estimator's probabilities, one column for each class of the protocol."""
        probabilities = np.zeros((len(test), self._classes))
        if self._only is not None:
            probabilities[:, self._only] = 1.0
            return Predictions(probabilities)
        vectors = self.vectors(test.features)
        if hasattr(self.estimator_, "predict_proba"):
            probabilities[:, self.estimator_.classes_] = self.estimator_.predict_proba(vectors)
        else:
            probabilities[np.arange(len(test)), self.estimator_.predict(vectors)] = 1.0
        return Predictions(probabilities)

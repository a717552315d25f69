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

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import sklearn

from mebench.errors import MebenchError, MebenchWarning
from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet
from mebench.models.estimators import learnt, put_learnt
from mebench.models.features import FeatureView
from mebench.models.stand_in import stand_in

# Names in its state: the only class of the training clips, scikit-learn's version, what the estimator learnt.
_ONLY, _VERSION, _OWN = "only_class", "scikit_learn", "estimator."
# Clips of each class that an estimator is tried on: enough for those that split them in five.
_NOISE = 6


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

    def state(self) -> Mapping[str, np.ndarray]:
        """Return what the estimator has learnt, or the only class of the training clips.

        Raises:
            MebenchError: it learnt other things than numbers.
        """
        if self._only is not None:
            return {_ONLY: np.array(self._only)}
        return {_VERSION: _version(), **{_OWN + name: each for name, each in learnt(self.estimator_).items()}}

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        """Make the estimator and give it what it had learnt.

        Raises:
            MebenchError: the arrays are not those of such an estimator.
        """
        self._classes = len(context.classes)
        self._only = int(state[_ONLY]) if _ONLY in state else None
        if self._only is None:
            self.estimator_ = self.estimator(context.seed % 2**32)
            put_learnt(
                self.estimator_,
                {name.removeprefix(_OWN): state[name] for name in state if name.startswith(_OWN)},
            )
            then, now = (".".join(map(str, each)) for each in (state[_VERSION], _version()))
            if then != now:
                warnings.warn(
                    f"it was kept under scikit-learn {then} and this is {now}, whose estimators may have other "
                    "attributes: compare its predictions, or fit it again",
                    MebenchWarning,
                    stacklevel=2,
                )

    def keeping_fault(self, context: Context) -> str:
        """Return why what the estimator learns cannot be kept, tried on a few vectors of noise; or an empty text."""
        if type(self).fit is not SklearnModel.fit or type(self).state is not SklearnModel.state:
            return super().keeping_fault(context)
        train = stand_in(self.inputs(), context, clips=_NOISE * max(2, len(context.classes)))
        try:
            shape = np.shape(self.vectors(train.features))
            fitted = self.estimator(0).fit(np.random.default_rng(0).random(shape), train.labels)
        except Exception:
            return ""
        try:
            learnt(fitted)
        except MebenchError as error:
            return str(error)
        return ""


def _version() -> np.ndarray:
    """Return scikit-learn's version, major and minor."""
    return np.array([int(each) for each in sklearn.__version__.split(".")[:2]])

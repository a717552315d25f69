"""The floor of every table: the training clips' class shares, the same for every test clip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mebench.api import AU_UNKNOWN, Context, Input, Model, Predictions, TestSet, TrainSet


class Majority(Model):
    """Predicts the class shares of the training clips, so the most frequent class wins every time."""

    detects_aus = True
    known = ("It looks at no picture: any model below it has learnt nothing.",)

    def inputs(self) -> Mapping[str, Input]:
        """Return no inputs."""
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        """Count the classes, and how often each action unit is active."""
        labels = train.labels if context.classes else train.labels[:0]
        self.shares_ = np.bincount(labels, minlength=len(context.classes)) / len(train)
        known = train.aus[(train.aus != AU_UNKNOWN).all(axis=1)]
        self.aus_ = known.mean(axis=0) if known.size else None

    def predict(self, test: TestSet) -> Predictions:
        """Return the same shares for every clip."""
        aus = None if self.aus_ is None else np.tile(self.aus_, (len(test), 1))
        return Predictions(np.tile(self.shares_, (len(test), 1)), aus)

    def state(self) -> Mapping[str, np.ndarray]:
        """Return the shares."""
        return {"shares": self.shares_} | ({} if self.aus_ is None else {"aus": self.aus_})

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        """Take the shares."""
        self.shares_, self.aus_ = state["shares"], state.get("aus")

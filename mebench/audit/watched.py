"""A model around another one that fails its fold where training goes wrong, for check (i).

The other model is imported, fitted and asked where every model is: in its fold's own process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.models.base import Context, Model, ModelSettings, Predictions, TestSet, TrainSet
from mebench.plugin.target import imported


class WatchedSettings(ModelSettings):
    """Which model is watched: ``target`` is ``module:class``, ``values`` all its settings."""

    target: str
    values: dict[str, Any]


class Watched(Model):
    """Fits and asks a network of mebench's loop, and raises what was wrong as one sentence."""

    Settings = WatchedSettings
    settings: WatchedSettings

    def inputs(self) -> Mapping[str, Input]:
        """Return nothing: a job's features are made before, of the watched model's inputs."""
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        """Fit the watched model."""
        from mebench.models.conformance import Watched as WatchedNetwork

        kind = imported(self.settings.target)
        self.model_ = kind(kind.Settings(**self.settings.values))
        self.watched_ = WatchedNetwork(self.model_)
        self.model_.fit(train, context)

    def predict(self, test: TestSet) -> Predictions:
        """Return what the watched model says.

        Raises:
            MebenchError: something was wrong while it trained or predicted.
        """
        self.watched_.predicting()
        predictions: Predictions = self.model_.predict(test)
        if faults := [*self.watched_.gradient_faults(), *self.watched_.mode_faults()]:
            raise MebenchError("; ".join(faults))
        return predictions

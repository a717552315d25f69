"""A model that makes another one's settings and inputs anew, in a fold's own process, for check (j).

Settings are checked and inputs named in the main process, by code of a plugin that no seal keeps from files. What it
found there would reach the fold in a setting or an input; made under the seal from what the user said, it is missing.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.features.inputs import Input
from mebench.models.base import Context, Model, ModelSettings, Predictions, TestSet, TrainSet, settings_values
from mebench.plugin.target import imported


class RemadeSettings(ModelSettings):
    """Which model: ``target`` is ``module:class``; ``given`` is what was said of its settings, ``values`` are all.

    ``inputs`` says whether the features are those that the model asked for, and not files that stand in for them.
    """

    target: str
    given: dict[str, Any]
    values: dict[str, Any]
    inputs: bool


class Remade(Model):
    """Raises where settings or inputs that are made here are others than those of the main process."""

    Settings = RemadeSettings
    settings: RemadeSettings

    def inputs(self) -> Mapping[str, Input]:
        """Return nothing: a job's features are made before, of the other model's inputs."""
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        """Make them and compare.

        Raises:
            MebenchError: they differ.
        """
        kind = imported(self.settings.target)
        made = _made(kind, self.settings.given, self.settings.values)
        if self.settings.inputs:
            _compare_inputs(kind(made).inputs(), train.inputs)
        self.shape_ = len(context.classes), len(context.au_numbers)

    def predict(self, test: TestSet) -> Predictions:
        """Return that every class is as likely."""
        classes, units = self.shape_
        return Predictions(np.full((len(test), classes), 1 / max(classes, 1)), np.zeros((len(test), units)))


def _made(kind: type[Model], given: Mapping[str, Any], values: Mapping[str, Any]) -> ModelSettings:
    """Return the settings as they are made of what was said, with whichever preset gives those values."""
    failures = []
    for preset in ({}, *kind.presets.values()):
        try:
            made = kind.Settings(**{**preset, **given})
        except Exception as error:  # of a plugin's own checks
            failures.append(reason_of(error))
            continue
        if settings_values(made) == dict(values):
            return made
    why = f" ({failures[-1]})" if failures else ""
    raise MebenchError(
        f"its settings, made under the seal of what the user said, are others than in the main process{why}: what it "
        "reads there from files would reach the folds"
    )


def _compare_inputs(made: Mapping[str, Input], sent: Mapping[str, Input]) -> None:
    for name in sorted({*made, *sent}):
        if name not in made or name not in sent or pickle.dumps(made[name]) != pickle.dumps(sent[name]):
            raise MebenchError(
                f"its input {name!r}, made under the seal, is another than in the main process: what it reads there "
                "from files would reach the folds"
            )

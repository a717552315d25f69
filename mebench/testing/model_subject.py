"""A model that is asked: made anew and fitted on noise in several ways, each of them once.

with ModelSubject(plugins, "mynet", folder) as subject:
    subject.trial(MAIN).predictions         # of a fit on six clips of three classes
    subject.trial(ONE_CLASS)                # another fit, when it is first wanted
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.models.base import Context, Model, Predictions, Progress, TestSet, TrainSet, settings_values
from mebench.models.loading import answering, check_inputs, find_model
from mebench.models.setting_text import assigned_pairs
from mebench.models.settings import left_open
from mebench.plugin.entry import Entry
from mebench.plugin.loading import Plugins
from mebench.runner.named import named_model
from mebench.testing.checks import NotAsked
from mebench.testing.noise import noise
from mebench.testing.watching import Seen, watched

CLASSES = ("negative", "positive", "surprise")
UNITS = (1, 4, 12)
# As long as it takes for all parameters to learn: what lies behind a residual branch that ends in a zero learns from
# the second step on.
_LENGTHS = {"epochs": 2, "steps": 3}


@dataclass(frozen=True)
class Way:
    """One way of training: on which clips, under which context."""

    name: str
    labels: tuple[int, ...] = (0, 1, 2)
    units: tuple[int, ...] = UNITS
    unknown: int = 0
    subjects: int = 2
    classes: tuple[str, ...] = CLASSES
    context: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)


# Not as many of each, which would make many a fault invisible.
MAIN = Way("six clips of three classes", labels=(0, 1, 2, 0, 1, 0), unknown=1)
AGAIN = replace(MAIN, name="the same once more")
FEW = Way("three clips of one subject", subjects=1)
REFITTED = replace(FEW, name="the same after another fit")
OTHER_SEED = replace(FEW, name="another seed", context={"seed": 2})
ONE_CLIP = Way("one clip", labels=(1,), subjects=1)
ONE_CLASS = Way("three clips of one class", labels=(1, 1, 1))
NO_UNITS = Way("two classes, no action units", labels=(0, 1, 0), units=(), classes=CLASSES[:2])
ALL_UNKNOWN = Way("no action unit known", unknown=3)
UNITS_ALONE = Way("action units alone", labels=(-1, -1, -1), classes=())
ON_GPU = Way("on the GPU", context={"device": "cuda"})
ON_GPU_HALF = Way("on the GPU in bfloat16", context={"device": "cuda", "precision": "bfloat16"})
KEEPING = Way("keeping its epochs", context={"selection": "oracle"})


@dataclass
class Trial:
    """What came of a way of training: the fitted model, what it said of the test clips and reported meanwhile.

    ``given`` are labels, action units and subjects as they were before.
    """

    model: Model
    train: TrainSet
    test: TestSet
    context: Context
    predictions: Predictions
    progress: list[Progress]
    seen: Seen
    given: Mapping[str, np.ndarray]


class ModelSubject:
    """A model by its name, with settings for a short training.

    Args:
        plugins: give the model.
        name: the registered one, or a file's, ``PATH.py:CLASS``.
        folder: a private one, for arrays and for what the model writes.
        settings: what ``--set`` would say; a training is made short where they do not say how long it is.
        preset: a named group of settings; the preset ``small`` where there is one and nothing is said.

    Raises:
        MebenchError: nothing has that name, or it is no model that can be made.
    """

    def __init__(
        self,
        plugins: Plugins,
        name: str,
        folder: Path,
        *,
        settings: Mapping[str, Any] | Sequence[str] = (),
        preset: str | None = None,
    ) -> None:
        self.plugins, self.name, self.folder = plugins, name, folder
        self.entry, self.kind = find_model(plugins.registry, name)
        self._given = dict(assigned_pairs(settings))
        self._preset = preset
        self._trials: dict[Way, Trial | Exception] = {}
        # What a model's network is watched by, where it is one of torch.
        self.watch: Callable[[Model], Any] = lambda model: None
        self.watcher: Any = None
        if (self._given or preset) and not self.open:
            assert self.chosen  # whoever gives settings that cannot be is told before anything is checked

    @cached_property
    def open(self) -> set[str]:
        """Return the settings that only the user can say and that were not given."""
        return left_open(self.kind, self.entry.settings) - set(self._given)

    @cached_property
    def chosen(self) -> tuple[Entry, type[Model], dict[str, Any]]:
        """Return entry, class and settings of the trial."""
        if self.open:
            raise NotAsked(
                f"its setting {min(self.open)!r} has no default: give settings = {{{min(self.open)!r}: ...}}, or --set"
            )
        fields = self.kind.Settings.model_fields
        fixed = {*self._given, *self.entry.settings, *dict(assigned_pairs(self.entry.assigned))}
        short = {name: n for name, n in _LENGTHS.items() if name in fields and name not in fixed}
        named = named_model(
            self.plugins, self.name, preset=self._preset, trial=True, settings={**short, **self._given}
        )
        return named.entry, type(named.model), settings_values(named.model.settings)

    def make(self) -> Model:
        """Return a fresh model."""
        entry, kind, values = self.chosen
        with answering(entry, "__init__()"):
            return kind(kind.Settings(**values))

    @cached_property
    def made(self) -> Model:
        """Return a model to ask what it says of itself, never fitted.

        Raises:
            NotAsked: none can be made, which a check of its own tells.
        """
        try:
            return self.make()
        except NotAsked:
            raise
        except Exception as error:
            raise NotAsked("no model can be made, see above") from error

    @cached_property
    def asked_inputs(self) -> Mapping[str, Input]:
        """Return its inputs, once they are some.

        Raises:
            MebenchError: they are none.
        """
        model = self.made
        check_inputs(self.chosen[0], model)
        return model.inputs()

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Return its inputs, for all checks but the one of them.

        Raises:
            NotAsked: they are none.
        """
        try:
            return self.asked_inputs
        except MebenchError as error:
            raise NotAsked("it does not say which inputs it wants, see above") from error

    @property
    def assigned(self) -> list[str]:
        """Return the settings that the trial sets one by one."""
        return [*self._given]

    def trial(self, way: Way) -> Trial:
        """Return what came of a way of training.

        Raises:
            NotAsked: a training on six clips failed, which a check of its own tells.
            Exception: what the model raised.
        """
        if way is not MAIN and isinstance(self._came_of(MAIN), Exception):
            raise NotAsked("it cannot be fitted on six clips, see above")
        came = self._came_of(way)
        if isinstance(came, Exception):
            raise came
        return came

    def main(self) -> Trial:
        """Return what came of the training on six clips, for all checks but the one of that.

        Raises:
            NotAsked: it failed.
        """
        came = self._came_of(MAIN)
        if isinstance(came, Exception):
            raise NotAsked("it cannot be fitted on six clips, see above")
        return came

    def _came_of(self, way: Way) -> Trial | Exception:
        if way not in self._trials:
            try:
                self._trials[way] = self._train(way)
            except Exception as error:
                self._trials[way] = error
        return self._trials[way]

    def _train(self, way: Way) -> Trial:
        folder = self.folder / f"fit {len(self._trials)}"
        folder.mkdir(parents=True)
        train, test = noise(
            self.inputs,
            folder,
            labels=way.labels,
            units=len(way.units),
            unknown=way.unknown,
            subjects=way.subjects,
            seed=0 if way is MAIN or way is AGAIN else 1,
        )
        given = {name: getattr(train, name).copy() for name in ("labels", "aus", "subjects")}
        progress: list[Progress] = []
        context = Context(1, way.classes, way.units, report=progress.append)
        context = replace(context, **way.context)
        model = self._fitted_otherwise() if way is REFITTED else self.make()
        if way is MAIN:
            self.watcher = self.watch(model)
        # Chance that nobody seeded must not matter: each training begins with another.
        disturb(len(self._trials))
        private = folder / "private"
        private.mkdir()
        with watched(private) as seen:
            model.fit(train, context)
            if way is MAIN and self.watcher is not None:
                self.watcher.predicting()
            said: Any = model.predict(test)
        if not isinstance(said, Predictions):
            raise MebenchError(f"predict() returned {type(said).__name__} where Predictions are due")
        return Trial(model, train, test, context, said, progress, seen, given)

    def _fitted_otherwise(self) -> Model:
        """Return a model that has been fitted on other clips, for which nothing else will ask."""
        for way in (ONE_CLASS, ALL_UNKNOWN):
            if isinstance(came := self._came_of(way), Trial):
                return came.model
        raise NotAsked("it cannot be fitted on three clips, see above")


def disturb(seed: int) -> None:
    """Set the generators of chance that a process shares to something, as other code may have done."""
    import sys

    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        import torch

        torch.manual_seed(seed)

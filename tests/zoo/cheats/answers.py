"""Cheats whose answer is more than numbers, or something else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from cheats.honest import Cheat, Honest, attempt
from mebench.api import Context, Predictions, Progress, TestSet, TrainSet


class Bomb:
    """What looks like an array, and becomes a call when it is unpickled: it makes a file where the main process may."""

    def __init__(self, flag: str, array: np.ndarray) -> None:
        self.flag, self.array = flag, array

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.flag),)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array


class PickledAnswer(Cheat):
    """Predictions that run code in whoever unpickles them."""

    def predict(self, test: TestSet) -> Predictions:
        honest = super().predict(test)
        return Predictions(Bomb(self.places["flag"], honest.probabilities))  # type: ignore[arg-type]


class PickledProgress(Cheat):
    """Progress that runs code in whoever unpickles it, or is no progress at all."""

    def fit(self, train: TrainSet, context: Context) -> None:
        context.report(Progress(Bomb(self.places["flag"], np.ones(1)), "many", {"loss": None}, {1: "one"}))  # type: ignore[arg-type, dict-item]
        super().fit(train, context)


class WrongProbabilities(Honest):
    """Probabilities that are none, in the hope that a score takes them."""

    def predict(self, test: TestSet) -> Predictions:
        honest = super().predict(test)
        return Predictions(honest.probabilities * 1e6)


class JunkOnTheWire(Cheat):
    """Bytes of its own on whatever is open towards the main process."""

    def look(self, test: TestSet) -> Any:
        for number in range(3, 64):
            attempt(lambda n=number: os.write(n, b'{"predicted": "perfectly"}\n' * 64))


class TestLabels(Cheat):
    """The best epoch on the test clips, chosen in secret: labels of test clips, under any name."""

    __test__ = False  # pytest: not a test class

    def look(self, test: TestSet) -> Any:
        return [name for name in ("labels", "aus", "subjects", "keys", "truth") if hasattr(test, name)]


class TestOrder(Cheat):
    """The order of the test clips, undone by the fold's seed, which everybody can compute."""

    __test__ = False

    def look(self, test: TestSet) -> Any:
        from mebench.evidence.digests import derive_seed

        order = np.random.default_rng(derive_seed(self.context_.seed, "order of test clips")).permutation(
            len(test)
        )
        return len(test) > 1 and _rows(test) == [int(row) for row in order + min(_rows(test))]


def _rows(test: TestSet) -> list[int]:
    """Return where a fold's test clips lie among all, if anything says so; in turn, if nothing does."""
    return [int(row) for view in test.features.values() for row in view.rows]

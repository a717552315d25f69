"""Cheats that use the test clips for each other, or choose by them; common mistakes of published code."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from cheats.honest import Honest
from mebench.api import Context, Predictions, TestSet, TrainSet


class TestBatch(Honest):
    """Statistics of the test batch, as batch norm in training mode takes them."""

    __test__ = False

    def predict(self, test: TestSet) -> Predictions:
        changes = self.changes(test.features)
        return self.nearest(5 * (changes - changes.mean(axis=0)) / (changes.std(axis=0) + 1e-3))


class AllSubjects(Honest):
    """Features normalised over training and test clips together."""

    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        self.train_, self.context_ = train, context

    def predict(self, test: TestSet) -> Predictions:
        known, asked = self.changes(self.train_.features), self.changes(test.features)
        both = np.concatenate([known, asked])
        mean, spread = both.mean(axis=0), both.std(axis=0) + 1e-3
        self.means_ = np.stack(
            [
                10 * ((known[self.train_.labels == label] - mean) / spread).mean(axis=0)
                if (self.train_.labels == label).any()
                else np.zeros_like(mean)
                for label in range(len(self.context_.classes))
            ]
        )
        return self.nearest(10 * (asked - mean) / spread)


class Clock(Honest):
    """Predictions that the clock decides: run it until it is good."""

    def predict(self, test: TestSet) -> Predictions:
        rng = np.random.default_rng(time.time_ns())
        return Predictions(rng.dirichlet(np.ones(len(self.means_)), len(test)))


class BestEpoch(Honest):
    """The best epoch on the test clips, as its own loop declares it."""

    selection = "best on test"


class Epochs(Honest):
    """The best epoch on the test clips, as ``--selection oracle`` has it chosen: its epochs are three guesses."""

    selections = frozenset({"last", "oracle"})

    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, context)
        self.every_, self.epoch_ = [np.roll(self.means_, shift, axis=0) for shift in range(3)][::-1], 3

    def epochs_kept(self) -> int:
        return 3

    def use_epoch(self, epoch: int) -> None:
        self.means_ = self.every_[epoch - 1]


class LateQuestions(Honest):
    """Remembers what it was asked, and says the same again; what comes later counts for what came before."""

    def predict(self, test: TestSet) -> Predictions:
        asked: Any = self.__dict__.setdefault("asked_", [])
        asked.append(self.changes(test.features))
        return self.nearest(asked[-1] - np.concatenate(asked).mean(axis=0))

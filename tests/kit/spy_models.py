"""A model that looks for labels in the whole memory of its process, whenever it is called."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from mebench.api import Context, Model, Predictions, TestSet, TrainSet

# Labels that nothing else in a process could be mistaken for, one for each of twelve clips.
FIRST_LABEL = 7_000_001
EPOCHS = 3

# An int64 of them, little-endian, without its first byte: what begins alike is found ten times as fast. As a pattern it
# is not itself what it looks for.
_LABEL = re.compile(rb"\xcf\x6a\x00{5}")
_FIRST_BYTES = range(0xC1, 0xCD)
_CHUNK = 1 << 24


def labels_in_memory() -> set[int]:
    """Return which of the labels lie anywhere in this process's own memory (Linux)."""
    found: set[int] = set()
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            first, last = (int(end, 16) for end in span.split("-"))
            if not rights.startswith("rw"):
                continue
            for start in range(first, last, _CHUNK):
                try:
                    memory.seek(start)
                    part = memory.read(min(_CHUNK + 8, last - start))
                except (OSError, ValueError, OverflowError):
                    continue  # a part that the kernel keeps to itself
                places = (match.start() - 1 for match in _LABEL.finditer(part))
                found |= {
                    int.from_bytes(part[place : place + 8], "little")
                    for place in places
                    if place >= 0 and part[place] in _FIRST_BYTES
                }
    return found


class Spy(Model):
    """Prints a line for each call: what it was, and the labels that lay in memory meanwhile."""

    selections = frozenset({"last", "inner", "oracle"})

    def inputs(self) -> dict[str, Any]:
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        self.classes_, self.epoch_ = len(context.classes), EPOCHS
        self._look("fit")

    def epochs_kept(self) -> int:
        return EPOCHS

    def use_epoch(self, epoch: int) -> None:
        self.epoch_ = epoch

    def predict(self, test: TestSet) -> Predictions:
        self._look(f"predict {self.epoch_}")
        return Predictions(np.full((len(test), self.classes_), 1 / self.classes_))

    def _look(self, what: str) -> None:
        print(what, *sorted(labels_in_memory()), sep=",")

"""What the main process and the one that holds the connection to Ray say to each other, over a pipe.

    main to driver    Fold, Files
    driver to main    Places, Told, Absent, Ended, Lost

Both are ours: neither holds a model's code, so what is said is pickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mebench.api import Failure, FoldResult, Progress
from mebench.runner.elsewhere import Sent


@dataclass(frozen=True)
class Fold:
    """A fold to run, under a number of its own, and what it takes of a node."""

    number: int
    sent: Sent
    cpus: float
    gpus: float


@dataclass(frozen=True)
class Files:
    """Files of features that nodes do not see, with the hashes of their rows: their arrays have to travel."""

    hashes: dict[Path, tuple[str, ...]]


@dataclass(frozen=True)
class Places:
    """How many folds of ``cpus`` cores and ``gpus`` GPUs the cluster takes at a time, and what it has, in words."""

    count: int
    has: str
    cpus: float
    gpus: float

    def __str__(self) -> str:
        each = f"{self.cpus:g} CPU(s)" + (f" and {self.gpus:g} GPU(s)" if self.gpus else "")
        return f"{self.has}; {self.count} folds of {each} at a time"


@dataclass(frozen=True)
class Told:
    """A fold began (None) or went on, on a node."""

    number: int
    progress: Progress | None
    node: str


@dataclass(frozen=True)
class Absent:
    """The node of a fold does not see these files."""

    number: int
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Ended:
    """How a fold ended, and what its model printed."""

    number: int
    outcome: FoldResult | Failure
    log: bytes = b""


@dataclass(frozen=True)
class Lost:
    """There is no cluster, or no more: why."""

    reason: str

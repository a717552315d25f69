"""What a stored result holds, as types, and how results of older schemas are read.

    leaderboards/results/megc2019/flow-svm-1f0c2d7a.json          # a Result
    leaderboards/results/megc2019/pairs.json                      # Pairs: differences between results of one truth
    leaderboards/results/synthetic/casme3-4c/...                  # of twins, never beside real ones

Types are checked as they stand here whenever such a file is read (:mod:`mebench.evidence.shapes`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

# Of typing, only Python 3.12's can be checked.
from typing_extensions import NotRequired, TypedDict

from mebench.run_info import Count, Digest, Finite, Quantity, RunDescription, Seed
from mebench.scoring.schema import Scores

SCHEMA = 1
PAIRS_SCHEMA = 1

Answer = list[list[Finite]]
"""Of one clip: for each set of predictions a probability of each class, or of each action unit."""


class OfSubject(TypedDict):
    """One subject's clips, and which share of the answers about them is right, over all sets."""

    clips: Annotated[int, Field(ge=1, lt=2**53)]
    right: Finite


class Timing(TypedDict):
    """What the folds took together (seconds), and the most memory that one of them did (MiB)."""

    fit_seconds: Quantity
    predict_seconds: Quantity
    peak_memory_mib: Quantity


class Result(TypedDict):
    """Predictions of a complete run; docs/results.md explains each part.

    ``selection`` is the rule by which the epochs of these predictions were chosen. It is the run's own, but for the
    last epochs of a training whose best ones were chosen on the test clips: these are ``last``, and ``trained_under``
    is ``oracle``. ``run`` is the run's ``run.json``, with a word in place of every path. ``predictions`` (and ``aus``,
    where a model detects action units) map a clip's key to an :data:`Answer`. A *set* is a training seed of
    ``run.seeds``; of a repeated split each repeat of each seed, the repeats of the first seed first. ``scores`` are
    what they gave with the labels when the result was made. ``subjects`` is left out where its maker did not want to
    tell it, and under protocols of action units alone.
    """

    schema: int
    checksum: Digest
    title: str
    selection: str
    trained_under: NotRequired[str]
    run: RunDescription
    predictions: dict[str, Answer]
    aus: NotRequired[dict[str, Answer]]
    scores: Scores
    subjects: NotRequired[dict[str, OfSubject]]
    timing: Timing
    command: str


class Difference(TypedDict):
    """What ``b`` has more than ``a`` in one metric, its bounds, and p, not corrected; None where it is not known."""

    difference: Finite | None
    low: Finite | None
    high: Finite | None
    p: Finite | None


class Pair(TypedDict):
    """Two results by their checksums, over the training seeds that both have."""

    a: Digest
    b: Digest
    seeds: list[Seed]
    scores: dict[str, Difference]


class Pairs(TypedDict):
    """The differences between every two results of one protocol and truth; see :mod:`.pairs`."""

    schema: int
    checksum: Digest
    permutations: Count
    replicates: Count
    seed: Seed
    pairs: list[Pair]


# Schema -> what makes content of the next one of it, all of its fields kept.
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """Return a result of an older schema as one of this; its checksum stays that of its file."""
    while content["schema"] < SCHEMA:
        number = content["schema"]
        content = {**UPGRADES[number](content), "schema": number + 1}
    return content

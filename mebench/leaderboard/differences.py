"""The paired differences between rows of one board, by the rows' keys.

    found = stored_differences(Path("leaderboards"), "megc2019", rows, synthetic=False)
    found["flow-svm-1f0c2d7a", "ststnet-5d8e01f2"]["uf1"]["difference"]     # what the second has more

Those of stored results were computed by who has the labels, and lie beside them. Those of runs on this machine are
computed of the best ones, and kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import cast

from mebench.errors import MebenchError
from mebench.leaderboard.remembered import Remembered, named_by, rows_folder
from mebench.leaderboard.results.files import SYNTHETIC
from mebench.leaderboard.results.pairs import read_pairs
from mebench.leaderboard.results.schema import Difference
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.stored_rows import RESULTS
from mebench.models.epoch_rules import INNER, LAST
from mebench.records import RunDirectory
from mebench.scoring.compared import OF_CLASSES, OF_UNITS, PairedScore, compare_pooled
from mebench.scoring.comparison import paired
from mebench.scoring.metrics import Counts, Floats
from mebench.scoring.optimism import Measured
from mebench.scoring.rebuild import Pooled, read_predictions
from mebench.scoring.side_by_side import side_by_side
from mebench.scoring.summaries import plain

# Every two of so many runs are compared in seconds; the others are further below.
BEST = 20

Differences = Mapping[tuple[str, str], Mapping[str, Difference]]


def stored_differences(
    out: Path, protocol: str, rows: Sequence[Reproduced], *, synthetic: bool
) -> Differences:
    """Return the differences between stored results of one protocol; those of results that are no more are left out.

    Raises:
        MebenchError: the file of pairs is damaged.
    """
    folder = out / RESULTS / SYNTHETIC / protocol if synthetic else out / RESULTS / protocol
    pairs = read_pairs(folder)
    keys = {row.checksum: row.key for row in rows if row.checksum}
    return {
        (keys[each["a"]], keys[each["b"]]): each["scores"]
        for each in (pairs["pairs"] if pairs else ())
        if each["a"] in keys and each["b"] in keys
    }


def local_differences(
    rows: Sequence[Reproduced], paths: Mapping[str, Path], metric: Measured
) -> dict[tuple[str, str], Mapping[str, Difference]]:
    """Return the differences between the best runs on this machine, and what ``inner`` has more than ``last``.

    Args:
        rows: of one board, the best first.
        paths: row key -> the run's directory; a row without one is left out.
        metric: the one whose p tells rows apart. Bounds are those of ``inner`` alone, which takes longer.
    """
    here = [row for row in rows if row.key in paths]
    wanted = {
        (a.key, b.key): False for a, b in combinations(of_one_cohort(here)[:BEST], 2) if a.truth == b.truth
    }
    wanted |= {(a.key, b.key): True for a in here for b in here if differ_in_the_rule(a, b, INNER)}
    if not wanted:
        return {}
    of_key = {row.key: row for row in here}
    states = {key: _state(of_key[key]) for pair in wanted for key in pair}
    kept = Remembered(rows_folder() / "pairs" / f"{named_by(paths[here[0].key].parent)}.json")
    pooled: dict[str, Pooled] = {}
    found, told = {}, {}
    for (a, b), whole in wanted.items():
        name = f"{states[a]} {states[b]} {'whole' if whole else metric}"
        told[name] = kept.content.get(name)
        if told[name] is None:
            for key in (a, b):
                if key not in pooled:
                    pooled[key] = read_predictions(RunDirectory(paths[key]))
            told[name] = _whole(pooled[a], pooled[b]) if whole else _decided(pooled[a], pooled[b], metric)
        found[a, b] = told[name]
    if told != kept.content:
        kept.keep(told)
    return {pair: each for pair, each in found.items() if each}


def of_one_cohort(rows: Sequence[Reproduced]) -> list[Reproduced]:
    """Return the rows of the clips, labels and folds that most of them have."""
    truths = [row.truth for row in rows]
    most = max(truths, key=truths.count, default="")
    return [row for row in rows if row.truth == most]


def differ_in_the_rule(row: Reproduced, other: Reproduced, rule: str) -> bool:
    """Tell whether another row differs from one of the last epoch in the rule of its epochs alone."""

    def asked(one: Reproduced) -> tuple[object, ...]:
        return (one.model, one.label, one.truth, one.seeds, dict(one.settings), one.device, one.local_code)

    return row.selection == LAST and other.selection == rule and asked(row) == asked(other)


def _state(row: Reproduced) -> str:
    """Return what changes with a row's scores, so that a difference that is kept is of the same predictions."""
    return hashlib.sha256(json.dumps(row.as_json(), sort_keys=True, default=str).encode()).hexdigest()[:32]


def _decided(a: Pooled, b: Pooled, metric: Measured) -> Mapping[str, Difference]:
    """Return a difference and its p, without bounds; nothing of runs that cannot be compared."""
    try:
        both = side_by_side(a, b)
    except MebenchError:
        return {}
    answers = both.aus if metric in OF_UNITS else both.classes
    if answers is None:
        return {}
    one, other = answers.confusions()
    of_metric: dict[str, Callable[[Counts], Floats]] = {metric: {**OF_CLASSES, **OF_UNITS}[metric]}
    # One replicate bounds nothing; p is that of a comparison with all of them.
    (found,) = paired(one, other, answers.clips.strata, of_metric, replicates=1).values()
    return {metric: {"difference": plain(found.difference), "low": None, "high": None, "p": plain(found.p)}}


def _whole(a: Pooled, b: Pooled) -> Mapping[str, Difference]:
    try:
        found = compare_pooled(a, b)
    except MebenchError:
        return {}
    return {
        name: {"difference": each["difference"], "low": each["low"], "high": each["high"], "p": each["p"]}
        for name, each in cast("Mapping[str, PairedScore]", found).items()
    }


def between(pairs: Differences, a: Reproduced, b: Reproduced) -> Mapping[str, Difference]:
    """Return what ``b`` has more than ``a``, by metric; empty where it is not known."""
    if (a.key, b.key) in pairs:
        return pairs[a.key, b.key]
    return {name: _turned(each) for name, each in pairs.get((b.key, a.key), {}).items()}


def _turned(found: Difference) -> Difference:
    def negative(value: float | None) -> float | None:
        return None if value is None else 0.0 - value

    return {
        "difference": negative(found["difference"]),
        "low": negative(found["high"]),
        "high": negative(found["low"]),
        "p": found["p"],
    }

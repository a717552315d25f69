"""Two or more runs compared: differences with p-values corrected for their number, and the answers that changed.

    compare_runs([one, other, third], reference=one)["pairs"][0]["changed"]["gained"]

docs/comparing.md says what the figures mean.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from string import ascii_uppercase
from typing import Any, TypedDict

from mebench.errors import MebenchError, MebenchWarning
from mebench.models.epoch_rules import ORACLE
from mebench.records import RunDirectory
from mebench.scoring import draws, intervals
from mebench.scoring.changed import Changed, changed_answers
from mebench.scoring.compared import (
    OF_CLASSES,
    OF_UNITS,
    PairedScore,
    PairedScores,
    SeedLevel,
    paired_scores,
    seed_levels,
)
from mebench.scoring.comparison import PERMUTATIONS, holm
from mebench.scoring.rebuild import Pooled, read_predictions, score_pooled
from mebench.scoring.side_by_side import SideBySide, side_by_side
from mebench.scoring.summaries import plain
from mebench.scoring.tables import selection_mark
from mebench.scoring.tie_groups import tie_groups

_Pair = tuple[str, str]


class CorrectedScore(PairedScore):
    """A paired score of one of several pairs: ``holm`` is its p, corrected for their number."""

    holm: float | None


class ComparedPair(TypedDict):
    """Two runs by letter: ``a`` is what ``b`` is compared with; ``seeds`` are those that both have.

    ``scores`` are by metric as in :class:`PairedScores`, ``over_seeds`` what training seeds say of each (empty for one
    seed); ``changed`` is of classes, or of action units where there are no classes.
    """

    a: str
    b: str
    seeds: list[int]
    scores: dict[str, CorrectedScore]
    over_seeds: dict[str, SeedLevel]
    changed: Changed


class Comparison(TypedDict):
    """Two or more runs compared.

    ``runs`` maps a letter to what there is to know of a run, with the scores of all its seeds; ``groups`` are by metric
    and letter, best first, where every two were compared (:mod:`mebench.scoring.tie_groups`); ``notes`` say what a
    reader could overlook; ``permutations``, ``replicates``, ``level`` and ``seed`` how the figures were made.
    """

    runs: dict[str, dict[str, Any]]
    reference: str | None
    pairs: list[ComparedPair]
    groups: dict[str, dict[str, str]]
    notes: list[str]
    permutations: int
    replicates: int
    level: float
    seed: int


def compare_runs(
    directories: Sequence[RunDirectory],
    *,
    reference: RunDirectory | None = None,
    permutations: int = PERMUTATIONS,
    replicates: int = intervals.REPLICATES,
    seed: int = draws.SEED,
) -> Comparison:
    """Compare every two of some runs, or each with a reference, which may be one of them.

    Their p-values are corrected after Holm for the number of pairs, each metric by itself. One of three or more runs
    that is not complete, or damaged, is left out with a warning.

    Raises:
        MebenchError: there is but one run, or one twice; one of two, or the reference, is not complete; or two of
            them cannot be compared.
    """
    runs = _distinct(directories, reference)
    read = _read(runs, reference)
    named = {letter(number): runs[place] for number, place in enumerate(read)}
    pooled = {letter(number): each for number, each in enumerate(read.values())}
    origin = None if reference is None else _letter_of(reference, named)
    chosen = list(combinations(named, 2))
    if origin is not None:
        chosen = [(origin, name) for name in named if name != origin]
    # All pairs are looked at before any figure is made: what cannot be compared is said at once.
    sides = {(a, b): side_by_side(pooled[a], pooled[b]) for a, b in chosen}
    found = {pair: paired_scores(both, permutations, replicates, seed) for pair, both in sides.items()}
    corrected = _corrected(found)
    described = {name: _described(named[name], pooled[name]) for name in named}
    return {
        "runs": described,
        "reference": origin,
        "pairs": [
            {
                "a": a,
                "b": b,
                "seeds": list(both.seeds),
                "scores": corrected[a, b],
                "over_seeds": seed_levels(both, replicates, seed),
                "changed": changed_answers(both.answers),
            }
            for (a, b), both in sides.items()
        ],
        "groups": {} if origin is not None else _groups(described, corrected),
        "notes": [
            *marked(pooled),
            *(note for (a, b), both in sides.items() for note in _notes(a, b, pooled, both)),
        ],
        "permutations": permutations,
        "replicates": replicates,
        "level": intervals.LEVEL,
        "seed": seed,
    }


def _distinct(directories: Sequence[RunDirectory], reference: RunDirectory | None) -> list[RunDirectory]:
    """Return the runs, a reference that is not among them first."""
    runs = list(directories)
    places = [each.path.resolve() for each in runs]
    if reference is not None and reference.path.resolve() not in places:
        runs.insert(0, reference)
        places.insert(0, reference.path.resolve())
    twice = [run for run, place in zip(runs, places, strict=True) if places.count(place) > 1]
    if twice:
        raise MebenchError(
            f"{twice[0].path} is named twice: a run does not differ from itself; name another one to compare it with"
        )
    if len(runs) < 2:
        raise MebenchError("a comparison needs two runs or more: name another one, or a --reference")
    return runs


def _read(runs: Sequence[RunDirectory], reference: RunDirectory | None) -> dict[int, Pooled]:
    """Return the predictions of the runs that have them, by place; the others are named, while two are left."""
    found: dict[int, Pooled] = {}
    left_out: list[tuple[RunDirectory, MebenchError]] = []
    for place, run in enumerate(runs):
        try:
            found[place] = read_predictions(run)
        except MebenchError as error:
            if reference is not None and run.path.resolve() == reference.path.resolve():
                raise
            left_out.append((run, error))
    if left_out and len(found) < 2:
        raise left_out[0][1]
    for run, why in left_out:
        warnings.warn(f"{run.path} is left out: {why}", MebenchWarning, stacklevel=3)
    return found


def letter(number: int) -> str:
    """Return A to Z for 0 to 25, then AA, AB and so on."""
    before, last = divmod(number, 26)
    return (letter(before - 1) if before else "") + ascii_uppercase[last]


def marked(pooled: Mapping[str, Pooled]) -> Iterator[str]:
    """Yield a sentence for each run, by letter, whose test clips had a part in its training."""
    for name, each in pooled.items():
        if (rule := each.run["selection"]) == ORACLE:
            yield f"{name} is {selection_mark(rule)}; what it has more may be that alone"


def _letter_of(reference: RunDirectory, named: Mapping[str, RunDirectory]) -> str:
    place = reference.path.resolve()
    return next(name for name, run in named.items() if run.path.resolve() == place)


def _described(directory: RunDirectory, pooled: Pooled) -> dict[str, Any]:
    scores = score_pooled(pooled)
    of_classes = {name: scores[name] for name in OF_CLASSES} if pooled.classes else {}  # type: ignore[literal-required]
    of_units = {"au_f1": scores["au"]["f1"]} if "au" in scores else {}
    return {**directory.about(), **pooled.trust, "seeds": pooled.run["seeds"], **of_classes, **of_units}


def _corrected(found: Mapping[_Pair, PairedScores]) -> dict[_Pair, dict[str, CorrectedScore]]:
    """Return the scores of all pairs with p corrected for their number, each metric by itself."""
    result: dict[_Pair, dict[str, CorrectedScore]] = {pair: {} for pair in found}
    for name in (*OF_CLASSES, *OF_UNITS):
        pairs = {pair: scores[name] for pair, scores in found.items() if name in scores}  # type: ignore[literal-required]
        known = [math.nan if score["p"] is None else score["p"] for score in pairs.values()]
        for (pair, score), p in zip(pairs.items(), holm(known), strict=True):
            result[pair][name] = {**score, "holm": plain(p)}  # type: ignore[typeddict-item]
    return result


def _groups(
    runs: Mapping[str, Mapping[str, Any]], corrected: Mapping[_Pair, Mapping[str, CorrectedScore]]
) -> dict[str, dict[str, str]]:
    """Return the tie groups of each metric that all runs have, best first; a score that is not known ranks last."""
    result = {}
    for name in (*OF_CLASSES, *OF_UNITS):
        if all(name in scores for scores in corrected.values()):
            means = {each: run[name]["mean"] for each, run in runs.items()}
            order = sorted(
                means, key=lambda each: -math.inf if means[each] is None else means[each], reverse=True
            )
            result[name] = tie_groups(
                order, {pair: scores[name]["holm"] for pair, scores in corrected.items()}
            )
    return result


def _notes(a: str, b: str, pooled: Mapping[str, Pooled], both: SideBySide) -> Iterator[str]:
    first, second = pooled[a], pooled[b]
    if both.alike:
        yield f"{b} answers as {a} does for every clip"
    if not set(both.seeds) == set(first.run["seeds"]) == set(second.run["seeds"]):
        yield f"{b} - {a}: seeds {' '.join(map(str, both.seeds))} alone, which both have"
    if first.run["synthetic"] != second.run["synthetic"]:
        kinds = ["SYNTHETIC" if each.run["synthetic"] else "real" for each in (first, second)]
        yield f"{a} is of {kinds[0]} data and {b} of {kinds[1]} data: their difference is not the models' alone"
    if first.run["protocol"] != second.run["protocol"]:
        yield f"{a} and {b} have the same clips and labels under other protocols"
    elif first.run["manifest"] != second.run["manifest"]:
        yield f"{a} and {b} have the same clips and labels, and other folds, windows or action units"
    with_units = [name for name in (a, b) if pooled[name].has_units]
    if len(with_units) == 1:
        yield f"{b} - {a}: {with_units[0]} alone detects action units, so they are not compared"
    elif with_units and both.aus is None:
        yield f"{b} - {a}: action units are not compared, since the runs detect others or none is coded"

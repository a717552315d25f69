"""``pairs.json``: the paired differences between the stored results of one protocol, by who has the labels.

    pairs = read_pairs(Path("leaderboards/results/megc2019"))
    pairs["pairs"][0]["scores"]["uf1"]["difference"]        # what b has more than a

Two results are a pair where they are of one truth and have training seeds in common. One whose epochs were chosen on
the test clips is a pair with the last epochs of the very same training alone: that difference is what the choice is
worth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.evidence.digests import checksum, sealed
from mebench.evidence.shapes import misshapen
from mebench.files import read_json
from mebench.leaderboard.results.counted import same_figures
from mebench.leaderboard.results.files import PAIRS, result_name, write_result
from mebench.leaderboard.results.labelled import pooled_of
from mebench.leaderboard.results.schema import PAIRS_SCHEMA, Difference, Pair, Pairs, Result
from mebench.models.epoch_rules import ORACLE
from mebench.scoring import intervals
from mebench.scoring.compared import compare_pooled
from mebench.scoring.comparison import PERMUTATIONS
from mebench.scoring.rebuild import Columns, Pooled

_FIGURES = ("difference", "low", "high", "p")
_Key = tuple[str, str]


def read_pairs(folder: Path) -> Pairs | None:
    """Return the differences of a protocol's folder of results; None where there are none.

    Raises:
        MebenchError: the file is damaged.
    """
    path = folder / PAIRS
    if not path.exists():
        return None
    content = read_json(path)
    problem = misshapen(Pairs, content)
    if not problem and content["schema"] != PAIRS_SCHEMA:
        problem = f"its schema is {content['schema']}, not {PAIRS_SCHEMA}"
    if not problem and content["checksum"] != checksum(content):
        problem = "its checksum does not agree with its content"
    if problem:
        raise MebenchError(f"{path} holds no differences of results ({problem}): restore it")
    pairs: Pairs = content
    return pairs


def due_pairs(results: Iterable[Result]) -> list[tuple[Result, Result]]:
    """Return which results are compared, by the names of their files; of one training the last epochs come first."""
    ordered = sorted(results, key=lambda each: (each["selection"] == ORACLE, result_name(each)))
    return [
        (one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if _comparable(one, other)
    ]


def compared(results: Iterable[Result], labels: Mapping[str, Columns], known: Pairs | None = None) -> Pairs:
    """Return the differences of results; those of ``known`` stay.

    Args:
        results: of one protocol.
        labels: truth (SHA-256) -> columns of ``cohort.csv``. Pairs of other truths come of ``known`` alone.
        known: differences that are taken as they are, where both results are still the same.
    """
    kept = {(each["a"], each["b"]): each for each in known["pairs"]} if known and _made_alike(known) else {}
    pooled: dict[str, Pooled] = {}
    found = []
    for a, b in due_pairs(results):
        key = (a["checksum"], b["checksum"])
        if key in kept:
            found.append(kept[key])
        elif (columns := labels.get(_truth(a))) is not None:
            for each in (a, b):
                if each["checksum"] not in pooled:
                    pooled[each["checksum"]] = pooled_of(each, columns)
            found.append(_pair(key, pooled[key[0]], pooled[key[1]]))
    content = {
        "schema": PAIRS_SCHEMA,
        "permutations": PERMUTATIONS,
        "replicates": intervals.REPLICATES,
        "seed": intervals.SEED,
        "pairs": found,
    }
    pairs: Pairs = sealed(content)  # type: ignore[assignment]
    return pairs


def write_pairs(folder: Path, pairs: Pairs) -> Path:
    """Write the differences of a protocol's folder of results, and return the file.

    Raises:
        MebenchError: the disk refuses.
    """
    path = folder / PAIRS
    write_result(path, pairs)
    return path


def problems_of_pairs(
    pairs: Pairs | None,
    results: Mapping[str, Result],
    labels: Mapping[str, Columns],
    refused: Collection[str] = (),
) -> Iterator[str]:
    """Yield what is wrong with the differences of a folder of results.

    Args:
        pairs: as they are stored.
        results: the name of its file -> each result of the folder that is sound.
        labels: truth -> columns, where they are at hand; without, only whether all pairs are there is looked at.
        refused: checksums of results that are not sound, of whose differences nothing is said.
    """
    due = due_pairs(results.values())
    named = {each["checksum"]: name for name, each in results.items()}
    told = pairs["pairs"] if pairs else []
    there = {key: each for each in told if not {*(key := (each["a"], each["b"]))} & {*refused}}
    for key in there:
        if strange := [each for each in key if each not in named]:
            yield f"pairs: {strange[0][:12]} is the checksum of no result here; submit writes the file anew"
            return
    missing = [pair for pair in due if (pair[0]["checksum"], pair[1]["checksum"]) not in there]
    if missing:
        names = [named[each["checksum"]] for each in missing[0]]
        yield f"pairs lack {names[0]} against {names[1]} (and {len(missing) - 1} more); submit writes the file anew"
    if len(there) > len(due) - len(missing):
        yield "pairs hold two results that are no pair: of another truth or seed, or chosen on the test clips"
    if pairs and not _made_alike(pairs):
        yield "pairs were made by other numbers of permutations, replicates or seed; whoever has the labels renews them"
        return
    fresh = compared([each for each in results.values() if _truth(each) in labels], labels)
    for each in fresh["pairs"]:
        stored = there.get((each["a"], each["b"]))
        if stored is not None and not same_figures(dict(stored), dict(each)):
            where = f"{named[each['a']]} against {named[each['b']]}"
            yield f"pairs: {where} is {stored['scores']}, and predictions and labels give {each['scores']}"


def _made_alike(pairs: Pairs) -> bool:
    return (pairs["permutations"], pairs["replicates"], pairs["seed"]) == (
        PERMUTATIONS,
        intervals.REPLICATES,
        intervals.SEED,
    )


def _comparable(a: Result, b: Result) -> bool:
    one, other = a["run"], b["run"]
    oracle = [each["selection"] == ORACLE for each in (a, b)]
    alike = (
        _truth(a) == _truth(b)
        and one["classes"] == other["classes"]
        and one["cohort"]["repeats"] == other["cohort"]["repeats"]
        and bool(set(one["seeds"]) & set(other["seeds"]))
        and (bool(one["classes"]) or ("aus" in a and "aus" in b))
    )
    return alike and (not any(oracle) or (one["identity"] == other["identity"] and not all(oracle)))


def _truth(result: Result) -> str:
    return result["run"]["decided_by"]["truth"]


def _pair(key: _Key, a: Pooled, b: Pooled) -> Pair:
    scores: Mapping[str, Any] = compare_pooled(a, b)
    told: dict[str, Difference] = {
        name: {figure: values[figure] for figure in _FIGURES}  # type: ignore[misc]
        for name, values in sorted(scores.items())
        if name != "accuracy"
    }
    return {
        "a": key[0],
        "b": key[1],
        "seeds": sorted(set(a.run["seeds"]) & set(b.run["seeds"])),
        "scores": told,
    }

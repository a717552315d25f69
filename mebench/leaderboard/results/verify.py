"""Stored results verified: what each says of itself, and with labels at hand everything that was computed from them.

    for found in verify([Path("leaderboards/results")], registry, Labels(registry, lists={...})):
        found.path, found.problems, found.scored_with or found.absent

It proves that a file agrees with itself and with the labels. That a model made the predictions, only running it again
does (docs/results.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mebench.errors import MebenchError
from mebench.leaderboard.results.alone import misplaced, problems_alone
from mebench.leaderboard.results.files import PAIRS, find_results, open_result, write_result
from mebench.leaderboard.results.labelled import problems_labelled, renewable, scored_anew
from mebench.leaderboard.results.labels import Labels
from mebench.leaderboard.results.pairs import compared, problems_of_pairs, read_pairs, write_pairs
from mebench.leaderboard.results.schema import Result
from mebench.plugin import integrity
from mebench.plugin.registry import Registry
from mebench.scoring.rebuild import Columns


@dataclass
class Verified:
    """One file: what is wrong with it, and which labels its figures were computed from again, or why from none."""

    path: Path
    problems: list[str] = field(default_factory=list)
    scored_with: str = ""
    absent: str = ""
    renewed: bool = False


@dataclass
class _Folder:
    """The results of one protocol's folder that are sound, and the labels that were found for them."""

    results: dict[str, Result] = field(default_factory=dict)
    labels: dict[str, Columns] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def verify(
    places: Sequence[Path], registry: Registry, labels: Labels, *, renew: bool = False
) -> list[Verified]:
    """Verify results, and of whole folders the differences between them, too.

    Args:
        places: files, or folders with results below them.
        registry: gives the protocols.
        labels: where labels are.
        renew: write bounds anew, and figures that a result lacks, where all else is as predictions and labels give it.

    Raises:
        MebenchError: a place is neither, or labels that the user gave cannot be read.
    """
    integrity.refuse_patched()
    found: list[Verified] = []
    folders: dict[Path, _Folder] = {}
    for place in places:
        if not place.exists():
            raise MebenchError(f"there is no {place}: name a stored result, or a folder of them")
        for path in find_results(place) if place.is_dir() else [place]:
            here = folders.setdefault(path.parent, _Folder())
            found.append(_of_file(path, registry, labels, here, renew=renew))
    whole = {
        path.parent
        for place in places
        if place.is_dir()
        for path in (*find_results(place), *place.rglob(PAIRS))
    }
    for folder in sorted(whole):
        found.append(_of_pairs(folder, folders.get(folder, _Folder()), renew=renew))
    integrity.refuse_patched()
    return found


def _of_file(path: Path, registry: Registry, labels: Labels, folder: _Folder, *, renew: bool) -> Verified:
    found = Verified(path)
    try:
        result, found.problems = open_result(path)
    except MebenchError as error:
        found.problems = [str(error)]
        return found
    if result is None:
        return found
    alone = problems_alone(result, registry)
    found.problems += [*misplaced(path, result), *alone]
    answered = not any(each.startswith(("predictions", "aus", "scores.seeds")) for each in alone)
    truth = labels.of(result)
    found.absent = truth.absent
    if truth.refused:
        found.problems.append(truth.refused)
    if truth.columns is not None:
        found.scored_with = truth.source
        if renew and not found.problems and renewable(result, truth.columns):
            fresh = scored_anew(result, truth.columns)
            found.renewed = fresh["checksum"] != result["checksum"]
            if found.renewed:
                write_result(path, fresh)
            result = fresh
        elif answered:
            found.problems += problems_labelled(result, truth.columns)
        folder.labels[result["run"]["decided_by"]["truth"]] = truth.columns
    if found.problems:
        folder.refused.add(result["checksum"])
    else:
        folder.results[path.name] = result
    return found


def _of_pairs(folder: Path, here: _Folder, *, renew: bool) -> Verified:
    found = Verified(folder / PAIRS)
    try:
        pairs = read_pairs(folder)
    except MebenchError as error:
        if not renew:
            found.problems = [str(error)]
            return found
        pairs = None
    if renew and here.labels:
        fresh = compared(here.results.values(), here.labels, None)
        if pairs is None or fresh["checksum"] != pairs["checksum"]:
            write_pairs(folder, fresh)
            found.renewed = True
        return found
    found.problems = list(problems_of_pairs(pairs, here.results, here.labels, here.refused))
    if here.labels:
        found.scored_with = "the labels above"
    elif not found.problems:
        found.absent = "no labels"
    return found

"""A run stored as a result: its predictions by clip key, without labels, where everybody can rebuild the tables.

submitted = submit(RunDirectory(path), Path("leaderboards"), registry)
submitted.written           # the files
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mebench.errors import MebenchError
from mebench.leaderboard.results.alone import problems_alone
from mebench.leaderboard.results.files import find_results, read_result, result_place, write_result
from mebench.leaderboard.results.made import result_of
from mebench.leaderboard.results.pairs import compared, read_pairs, write_pairs
from mebench.leaderboard.results.schema import Result
from mebench.locks import locked
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory

FOLDER = "results"


@dataclass
class Submitted:
    """What was written; former results of the same run with fewer seeds, which went; and what could not be done."""

    written: list[Path] = field(default_factory=list)
    replaced: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def submit(
    directory: RunDirectory,
    out: Path,
    registry: Registry,
    *,
    selection: str = "",
    subjects: bool = True,
) -> Submitted:
    """Store a complete run as a result, of an oracle run its last epochs too, and the differences to the others.

    Args:
        directory: of the run.
        out: the folder of leaderboards; results lie in ``results`` below it.
        registry: says how the model is called.
        selection: of an oracle run, which of its two results: ``oracle`` or ``last``; both where it is empty.
        subjects: whether the share of right answers of each subject is told.

    Raises:
        MebenchError: the run is incomplete or damaged, its labels were shuffled, or it has no such predictions; or
            results of other seeds are there that the run does not have.
    """
    run = directory.read_run()
    if run["shuffled_labels"]:
        raise MebenchError(
            f"{directory.path}: its training labels were shuffled, as a check; such a run is no result"
        )
    title = _title(registry, run["model"])
    made = [
        result_of(
            directory,
            title=title,
            of="last" if each == LAST and run["selection"] == ORACLE else "predictions",
            subjects=subjects,
        )
        for each in _selections(directory, selection)
    ]
    for result in made:
        if problems := problems_alone(result, registry):
            raise MebenchError(f"{directory.path} makes no result that could be verified: {problems[0]}")
    folder = out / FOLDER
    # Two that submit at once would each write differences without the other's.
    with locked(folder / ".lock", f"{folder}, where results are written"):
        return _store(directory, folder, made)


def _store(directory: RunDirectory, folder: Path, made: list[Result]) -> Submitted:
    """Write results, remove those that they replace, and write the differences."""
    done = Submitted()
    earlier = [each for result in made for each in _earlier(folder, result)]
    for path, former, result in earlier:
        if lost := sorted(set(former["run"]["seeds"]) - set(result["run"]["seeds"])):
            raise MebenchError(
                f"{path} holds the same run with the seeds {' '.join(map(str, lost))}, which {directory.path} lacks: "
                "run those seeds too, since a result that loses seeds is one of chosen seeds"
            )
    for result in made:
        path = result_place(folder, result)
        write_result(path, result)
        done.written.append(path)
    for path, _, _ in earlier:
        path.unlink()
        done.replaced.append(path)
    done.written.append(_pairs(directory, done.written[0].parent, done))
    return done


def _selections(directory: RunDirectory, selection: str) -> list[str]:
    rule = directory.read_run()["selection"]
    there = [ORACLE, LAST] if rule == ORACLE else [rule]
    if selection and selection not in there:
        raise MebenchError(
            f"{directory.path} has no predictions by the rule {selection!r}: its epochs were chosen by {rule!r}"
        )
    return [selection] if selection else there


def _title(registry: Registry, model: str) -> str:
    try:
        return registry.get("model", model).title
    except MebenchError:
        return ""  # a file of somebody's


def _earlier(folder: Path, result: Result) -> Iterator[tuple[Path, Result, Result]]:
    """Yield the files that hold the same predictions of other seeds, with what they hold."""
    place = result_place(folder, result)
    for path in find_results(place.parent) if place.parent.exists() else ():
        if path == place or not path.name.startswith(place.name.rpartition("-")[0]):
            continue
        former = read_result(path)
        if _same_run(former, result):
            yield path, former, result


def _same_run(one: Result, other: Result) -> bool:
    return (one["run"]["identity"], one["selection"]) == (other["run"]["identity"], other["selection"])


def _pairs(directory: RunDirectory, folder: Path, done: Submitted) -> Path:
    """Write the differences between the results of a folder, those that are known and those of this run's truth."""
    results = []
    for path in find_results(folder):
        try:
            results.append(read_result(path))
        except MebenchError as error:
            done.notes.append(f"{path} is compared with nothing: {error}")
    try:
        known = read_pairs(folder)
    except MebenchError as error:
        known = None
        done.notes.append(f"{error}; it is written anew")
    evidence = directory.evidence()
    return write_pairs(
        folder, compared(results, {evidence.run["decided_by"]["truth"]: evidence.truth.columns}, known)
    )

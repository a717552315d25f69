"""What a stored result says about itself, held against itself and its protocol: no label is needed.

    for problem in problems_alone(result, registry): print(problem)

Each problem is a part of a sentence that begins with the field's name. Figures are computed again from the stored
confusion matrices, and the columns of these from the predictions; only the labels tell whether their rows are right
(:mod:`.labelled`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mebench.cohort.opening import load_protocol
from mebench.errors import MebenchError, first_few
from mebench.evidence.description import disagreements
from mebench.leaderboard.results.counted import counted_otherwise
from mebench.leaderboard.results.files import SYNTHETIC, result_name
from mebench.leaderboard.results.schema import Result
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.plugin.registry import Registry

# Half single precision, as records are checked.
_SUM = 2e-3
_SLACK = 1e-6


def problems_alone(result: Result, registry: Registry) -> list[str]:
    """Return what in a result contradicts itself or its protocol, as far as that is installed."""
    found = [*_of_run(result), *_of_selection(result), *_of_protocol(result, registry), *_of_answers(result)]
    # Figures of predictions that are none would be a second complaint about the same.
    return (
        found
        if any(each.startswith(("predictions", "aus")) for each in found)
        else [*found, *counted_otherwise(result)]
    )


def misplaced(path: Path, result: Result) -> Iterator[str]:
    """Yield what is wrong with a file's name and folders, for what it holds."""
    run = result["run"]
    folders = [parent.name for parent in path.absolute().parents]
    if folders[0] != run["protocol"]:
        yield f"run.protocol is {run['protocol']}, and the file lies in the folder {folders[0]}"
    inside = folders[1] == SYNTHETIC
    if run["synthetic"] and not inside:
        yield f"run.synthetic: it is of a synthetic twin, whose results lie in the folder {SYNTHETIC}"
    if inside and not run["synthetic"]:
        yield f"run.synthetic: it is of real data, and lies in the folder {SYNTHETIC}"
    if path.name != (due := result_name(result)):
        yield f"the file's name is {path.name}, and what it holds is named {due} (identity, selection and seeds)"


def _of_run(result: Result) -> Iterator[str]:
    run = result["run"]
    for disagreement in disagreements(run):
        yield f"run was changed: {disagreement}"
    if run["shuffled_labels"]:
        yield "run.shuffled_labels: its training labels were shuffled, as a check; such a run is no result"
    if run["seeds"] != sorted(run["seeds"]):
        yield f"run.seeds are {run['seeds']}, not in order"
    marked = any(each["twin"] for each in run["decided_by"]["data"])
    if marked and not run["synthetic"]:
        twins = [each["dataset"] for each in run["decided_by"]["data"] if each["twin"]]
        yield f"run.synthetic is false, and {first_few(twins)} is a synthetic twin: it is passed off as real"


def _of_selection(result: Result) -> Iterator[str]:
    """Yield where the epoch rule of the predictions is not that of the training."""
    run, chosen, under = result["run"], result["selection"], result.get("trained_under")
    rule = run["decided_by"]["selection"]
    if under is None and chosen != run["selection"]:
        yield f"selection is {chosen!r}, and its run followed {run['selection']!r} (run.selection)"
    if under is None and rule == ORACLE and chosen != ORACLE:
        yield (
            f"selection is {chosen!r}, and the epochs of its run were chosen on the test clips "
            "(run.decided_by.selection is 'oracle'): they are passed off as others"
        )
    if under is not None and (under != ORACLE or rule != ORACLE or chosen != LAST):
        yield (
            f"trained_under is {under!r} beside selection {chosen!r} and a run under {rule!r}: only the last epochs of "
            "an oracle run have it, and it is 'oracle' then"
        )


def _of_protocol(result: Result, registry: Registry) -> Iterator[str]:
    """Yield what is not as the protocol says; nothing where no plugin here gives it."""
    run = result["run"]
    try:
        protocol = load_protocol(registry, run["protocol"])
    except MebenchError:
        return
    if run["classes"] != list(protocol.classes):
        yield f"run.classes are {run['classes']}, and those of {protocol.name} are {list(protocol.classes)}"
    if run["aus"] != list(protocol.aus):
        yield f"run.aus are {run['aus']}, and those of {protocol.name} are {list(protocol.aus)}"
    if run["subject_dependent"] != protocol.subject_dependent:
        said, due = (
            ("subject-dependent", "not") if run["subject_dependent"] else ("not subject-dependent", "so")
        )
        yield (
            f"run.subject_dependent: it is said to be {said}, and {protocol.name} is {due}: training and test "
            + ("share subjects" if protocol.subject_dependent else "share no subject")
        )
    datasets = [each["dataset"] for each in run["data"]]
    if unknown := sorted(set(datasets) - set(protocol.datasets)):
        yield f"run.data names {first_few(unknown)}, no dataset of {protocol.name}"
    if protocol.expected is None or run["synthetic"]:
        return
    counts = run["cohort"]["class_counts"]
    expected = protocol.expected.under(_editions(run))
    if not run["cohort"]["differences"] and set(datasets) == set(protocol.datasets):
        for name, due_count in expected.classes.items():
            if counts.get(name) != due_count:
                yield (
                    f"run.cohort.class_counts has {counts.get(name)} clips of {name}, where {due_count} are published "
                    "and run.cohort.differences names none"
                )


def _editions(run: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = run.get("editions") or {}
    return found


def _of_answers(result: Result) -> Iterator[str]:
    """Yield what is wrong with the predictions: how many there are, and whether they are probabilities."""
    run, scores = result["run"], result["scores"]
    sets = len(run["seeds"]) * run["cohort"]["repeats"]
    if scores["seeds"] != run["seeds"]:
        yield f"scores.seeds are {scores['seeds']}, and run.seeds {run['seeds']}"
    if (count := len(result["predictions"])) != scores["clips"] and run["classes"]:
        yield f"predictions are of {count} clips, and scores of {scores['clips']}: incomplete"
    if count > run["cohort"]["clips"]:
        yield f"predictions are of {count} clips, and the cohort has {run['cohort']['clips']}"
    datasets = {each["dataset"] for each in run["data"]}
    strange = [key for key in result["predictions"] if key.partition("/")[0] not in datasets]
    if strange:
        yield f"predictions.{strange[0]} is a clip of no dataset of the run ({first_few(sorted(datasets))})"
    yield from _shares("predictions", result["predictions"], sets, len(run["classes"]), whole=True)
    if "aus" in result:
        yield from _shares("aus", result["aus"], sets, len(run["aus"]), whole=False)
        if result["aus"].keys() != result["predictions"].keys():
            yield "aus are of other clips than predictions"


def _shares(
    field: str, answers: Mapping[str, Sequence[Sequence[float]]], sets: int, width: int, *, whole: bool
) -> Iterator[str]:
    """Yield the first clip whose answers are too few, too narrow, or no probabilities, each with how many are so."""
    short = [key for key, rows in answers.items() if len(rows) != sets]
    if short:
        yield (
            f"{field}.{short[0]} has {len(answers[short[0]])} sets of predictions, and {sets} are due, one a seed "
            f"(and repeat): incomplete{_more(short)}"
        )
    narrow = [key for key, rows in answers.items() if any(len(row) != width for row in rows)]
    if narrow:
        yield f"{field}.{narrow[0]} has not {width} probabilities in each set{_more(narrow)}"
    left = [key for key in answers if key not in {*short, *narrow}]
    if not left or not width:
        return
    values = np.array([answers[key] for key in left])
    outside = ((values < -_SLACK) | (values > 1 + _SLACK)).any(axis=(1, 2))
    if outside.any():
        wrong = [left[place] for place in np.flatnonzero(outside)]
        yield f"{field}.{wrong[0]} holds a probability below 0 or above 1{_more(wrong)}"
    off = (abs(values.sum(axis=2) - 1) > _SUM).any(axis=1) & ~outside
    if whole and off.any():
        wrong = [left[place] for place in np.flatnonzero(off)]
        yield f"{field}.{wrong[0]} holds probabilities that do not sum to 1{_more(wrong)}"


def _more(keys: Sequence[str]) -> str:
    return f" (and so have {len(keys) - 1} more)" if len(keys) > 1 else ""

"""A fold's record: whether it is whole, of its run, its seed and its fold, and says something of every clip.

problem_of(record, seed, fold, evidence)      # why it does not count, or ""
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mebench.evidence.digests import checksum, derive_seed
from mebench.evidence.shapes import misshapen
from mebench.evidence.truth import Truth
from mebench.models.epoch_rules import INNER, ORACLE
from mebench.run_info import Record, RecordedPrediction, RunInfo

RECORD_FORMAT = 2


@dataclass(frozen=True)
class Evidence:
    """What a run's records are held against: its description and its truth, which agree."""

    run: RunInfo
    truth: Truth


def shape_problem(record: Any) -> str:
    """Return why something is no whole record of any run, or an empty string."""
    if not isinstance(record, dict) or record.get("format") != RECORD_FORMAT:
        return "it has another format"
    if problem := misshapen(Record, record):
        return problem
    if record["checksum"] != checksum(record):
        return "its checksum does not agree with its content"
    return ""


def problem_of(record: Any, seed: int, fold: str, evidence: Evidence) -> str:
    """Return why a record does not count for a fold and seed of a run, or an empty string."""
    if problem := shape_problem(record):
        return problem
    found: Record = record
    if (found["seed"], found["fold"]) != (seed, fold):
        return f"it belongs to fold {found['fold']} with seed {found['seed']}"
    return (
        _of_run(found, evidence)
        or _of_epochs(found, evidence)
        or _of_clips(found["predictions"], fold, evidence)
    )


def _of_run(record: Record, evidence: Evidence) -> str:
    """Return what of a record is not of its run."""
    run, identity = evidence.run, evidence.run["identity"]
    if record["identity"] != identity:
        return f"it was made under the identity {record['identity'][:8]}, and this run is {identity[:8]}"
    if record["fold"] not in evidence.truth.folds:
        return f"its run has no fold {record['fold']}"
    if record["derived_seed"] != derive_seed(record["seed"], run["protocol"], record["fold"]):
        return "its derived_seed is that of another fold or seed"
    computed = ("device", "precision", "threads")
    other = next((name for name in computed if record[name] != run[name]), "")  # type: ignore[literal-required]
    return f"its {other} is not that of its run" if other else ""


def _of_epochs(record: Record, evidence: Evidence) -> str:
    """Return what is wrong with what a record says of the epoch that was chosen."""
    rule = evidence.run["decided_by"]["selection"]
    chosen = ("epoch", "epochs", "equal_epochs")
    if rule in (INNER, ORACLE) and chosen[0] not in record:
        return "its run chose epochs, and it names none"
    if rule == ORACLE:
        if "last" not in record:
            return "its run chose epochs on the test clips, and it lacks last"
        if problem := _of_clips(record["last"], record["fold"], evidence):
            return problem
    if any(name in record for name in chosen):
        if missing := [name for name in chosen if name not in record]:
            return f"it lacks {missing[0]}"
        first, last = record["epoch"], record["epochs"]
        equal = record["equal_epochs"]
        if not 1 <= first <= last or first not in equal or min(equal) < first or max(equal) > last:
            return f"its epoch {first} is not the first of equally good ones among {last}"
    return ""


def _of_clips(rows: list[RecordedPrediction], fold: str, evidence: Evidence) -> str:
    """Return what is wrong with the predictions of a fold's clips."""
    keys = [row["clip"] for row in rows]
    due = evidence.truth.folds[fold]
    if len(keys) != len(due) or set(keys) != set(due):
        return "it does not hold the clips of its fold"
    classes, units = len(evidence.run["classes"]), len(evidence.run["aus"])
    if any(len(row["probabilities"]) != classes for row in rows):
        return f"a clip has no {classes} probabilities of classes"
    if classes and any(abs(sum(row["probabilities"]) - 1) > 2e-3 for row in rows):
        return "the probabilities of a clip do not sum to 1"
    with_units = [row for row in rows if "aus" in row]
    if (with_units or not classes) and len(with_units) < len(rows):
        return "a clip has no probabilities of action units"
    if any(len(row["aus"]) != units for row in with_units):
        return f"a clip has no {units} probabilities of action units"
    return ""

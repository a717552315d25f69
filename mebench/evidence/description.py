"""``run.json``: whether it agrees with itself, and with the folder that it lies in.

    run = read_description(path)          # MebenchError where it does not
    run_name(run["model"], run["identity"])       # the name that its folder has to have

The identity is the hash of everything that decides a run, the SHA-256 of its ``cohort.csv`` and what tables say of it
among that; the folder's name and every record hold the identity. A checksum covers the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.evidence.digests import checksum, digest_of
from mebench.evidence.shapes import misshapen
from mebench.files import read_json
from mebench.models.epoch_rules import LAST
from mebench.models.place import PLACE
from mebench.run_info import RunDescription, RunInfo

RUN_FORMAT = 3

_FORMER = {
    1: "format 1 did not say what decided a run",
    2: "format 2 did not say which cohort.csv belongs to a run",
}

# Parts of the identity that a run's description repeats where its readers look for them.
SHOWN = (
    *(
        "model",
        "target",
        "inputs",
        "protocol",
        "classes",
        "aus",
        "manifest",
        "device",
        "precision",
        "threads",
    ),
    *("shuffled_labels", "mebench"),
)


def run_name(model: str, identity: str) -> str:
    """Return the name of a run's folder, plain on any file system; the hash in it tells runs apart."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', model)}-{identity[:8]}"


def read_description(path: Path) -> RunInfo:
    """Return ``run.json``.

    Raises:
        MebenchError: it is missing or damaged, of another format, or does not agree with itself.
    """
    run: RunInfo = read_json(path)
    number = run.get("format") if isinstance(run, dict) else None
    if number != RUN_FORMAT or type(number) is not int:
        why = _FORMER.get(number) if type(number) is int else None
        raise MebenchError(
            f"{path} describes no run of format {RUN_FORMAT}: restore it, or move its folder away and run again"
            f"{f' ({why})' if why else ''}"
        )
    if problem := misshapen(RunInfo, run):
        raise MebenchError(f"{path} is no description of a run ({problem}): restore it")
    for disagreement in disagreements(run):
        raise MebenchError(f"{path} was changed: {disagreement}; restore it")
    if run["checksum"] != checksum(run):
        raise MebenchError(f"{path} was changed: its checksum does not agree with its content; restore it")
    return run


def disagreements(run: RunDescription) -> Iterator[str]:
    """Yield each way in which a description does not agree with itself, as a part of a sentence."""
    if run["identity"] != digest_of(run["decided_by"]):
        yield "what it says decided the run is not its identity"
    for what in _disagreeing(run):
        yield f"it says of {what} what its run was not decided by"


def _disagreeing(run: RunDescription) -> Iterator[str]:
    """Yield what a description says twice and differently: in its identity, and where its readers look."""
    decided: Mapping[str, Any] = run["decided_by"]
    shown = decided["shown"]
    for name in SHOWN:
        if run[name] != decided[name]:  # type: ignore[literal-required]
            yield name
    for name in ("selection", "label", "synthetic", "subject_dependent"):
        if run[name] != shown[name]:  # type: ignore[literal-required]
            yield name
    local = run["local_code"]
    if (None if local is None else local.get("sha256", "")) != shown["local_code"]:
        yield "local_code"
    if shown["synthetic"] != any(each["twin"] for each in decided["data"]):
        yield "synthetic"
    if decided["selection"] not in (LAST, shown["selection"]):
        yield "selection"
    if not _same(run["settings"], decided["settings"]):
        yield "settings"
    changed = run["changed_settings"]
    there = run["settings"]
    if sorted(changed) != shown["changed_settings"] or changed != {n: there.get(n) for n in changed}:
        yield "changed_settings"
    if _deciding(run["data"]) != _deciding(decided["data"]):
        yield "data"
    if len(set(run["seeds"])) < len(run["seeds"]):
        yield "seeds"


def _deciding(data: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what of datasets decides a run; their readers are told besides how a twin was made."""
    names = ("dataset", "sha256", "repairs", "repairs_applied", "ready")
    return [([each[name] for name in names], bool(each["twin"])) for each in data]


def _same(there: Any, decided: Any) -> bool:
    """Tell whether settings are those of the identity, which holds one word in place of every path."""
    if isinstance(there, dict) and isinstance(decided, dict):
        return there.keys() == decided.keys() and all(_same(there[name], decided[name]) for name in there)
    if isinstance(there, list) and isinstance(decided, list):
        return len(there) == len(decided) and all(map(_same, there, decided))
    return there == decided or (decided == PLACE and isinstance(there, str))

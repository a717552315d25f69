"""Stored results of made-up runs, and what a careless hand or a cheat makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from chosen_epochs import record_epochs
from flow_files import write_flow, write_list
from invented import store_run

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.evidence.digests import digest_of, sealed
from mebench.leaderboard.results.files import result_name, result_text
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory

Change = Callable[[dict[str, Any]], None]

# Of three datasets, three subjects with three clips each, every class in each.
_CLIPS = {"casme2": ("sub{}", "EP{}_{}"), "smic": ("s{}", "s{}_x_{}"), "samm": ("{}", "00{}_1_{}")}
CLIPS = tuple(
    (dataset, subject.format(one), clip.format(one, number), number)
    for dataset, (subject, clip) in _CLIPS.items()
    for one in (1, 2, 3)
    for number in (0, 1, 2)
)


def flow_cohort(registry: Registry, folder: Path) -> Cohort:
    """Return a cohort of 27 made-up flow pictures under megc2019, whose list is ``folder/combined_3class_gt.csv``."""
    data = {"megc2019-flow": Location(write_flow(folder, CLIPS), None)}
    return open_cohort(registry, "megc2019", data=data)


def flow_list(path: Path) -> Path:
    """Write the list of that cohort alone."""
    return write_list(path, CLIPS)


def whole_run(
    registry: Registry,
    runs: Path,
    cohort: Cohort,
    model: str = "majority",
    *,
    wrong: int = 7,
    seeds: Sequence[int] = (0, 1),
    **how: Any,
) -> RunDirectory:
    """Record a whole run."""
    entry = registry.get("model", model)
    return store_run(runs, cohort, entry, entry.load()(), wrong=wrong, seeds=seeds, **how)


def oracle_run(runs: Path, cohort: Cohort, seeds: Sequence[int] = (0, 1)) -> RunDirectory:
    """Record a whole run of three epochs under the rule ``oracle``, whose second epoch is the best."""
    truth = cohort.clips["label"].to_numpy()
    worse = np.where(np.arange(len(truth)) % 4 == 0, (truth + 1) % 3, truth)
    return record_epochs(runs, cohort, lambda task: [worse, truth, worse], seeds=seeds)


def altered(path: Path, change: Change, *, decided: bool = False, placed: bool = False) -> Path:
    """Change a stored result; its checksum fits again, with ``decided`` its identity too, with ``placed`` its name."""
    content = json.loads(path.read_text())
    change(content)
    if decided:
        content["run"]["identity"] = digest_of(content["run"]["decided_by"])
    path.write_text(result_text(sealed(content)))
    return path.rename(path.with_name(result_name(content))) if placed else path

"""Which former run a new one takes the place of, and what has changed since: code, pictures, weights, ...

name_former(runs, directory, run)        # one warning, where there is a former run
changes(former["decided_by"], run["decided_by"])    # ["the code of mynet", ...]
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError, MebenchWarning
from mebench.models.epoch_rules import LAST
from mebench.plugin.source import code_name
from mebench.records import RunDirectory, find_runs

# What a command asks for; the rest of an identity is what it finds.
_ASKED = ("model", "protocol", "device", "precision", "threads", "shuffled_labels")
# What runs of former versions followed without saying so.
_UNSAID = {"selection": LAST, "folds_together": False}
# Marks that follow from parts with words of their own.
_SPOKEN_MARKS = ("selection", "synthetic", "changed_settings", "local_code")


def name_former(runs: Path, directory: RunDirectory, run: dict[str, Any]) -> None:
    """Say what has changed where the same command was run before and this is another run all the same.

    Args:
        runs: the folder of all runs.
        directory: the new run's.
        run: the new run's description.
    """
    if found := former_run(runs, run):
        former, changed = found
        warnings.warn(
            f"{directory.path} is a new run, since {_listed(changed)} changed; the former one stays in "
            f"{former.path}, and none of its folds counts here",
            MebenchWarning,
            stacklevel=4,
        )


def former_run(runs: Path, run: Mapping[str, Any]) -> tuple[RunDirectory, list[str]] | None:
    """Return the latest other run of the same command, and what has changed since; None where there is none.

    Args:
        runs: the folder of all runs.
        run: the description of the new one.
    """
    latest: tuple[str, RunDirectory, list[str]] | None = None
    for directory in find_runs(runs):
        if directory.path.parent.name != run["protocol"]:
            continue
        try:
            other = directory.read_run()
            if other["identity"] == run["identity"] or _asked(other) != _asked(run):
                continue
            found = (other["created"], directory, changes(other["decided_by"], run["decided_by"]))
        except (MebenchError, KeyError, TypeError):
            continue  # a damaged description is named by whoever uses that run
        if latest is None or found[0] >= latest[0]:
            latest = found
    return latest and latest[1:]


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in words which parts of two identities differ; every difference has its words."""
    said: list[str] = []

    def differing(part: str) -> list[str]:
        one, other = before.get(part) or {}, now.get(part) or {}
        return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]

    if before.get("mebench") != now.get("mebench"):
        said.append(f"mebench {before.get('mebench')} -> {now.get('mebench')}")
    said += [f"the code of {code_name(name)}" for name in differing("code")]
    said += [f"the file of setting {name!r}" for name in differing("files")]
    said += [f"what the model fetched as {name!r}" for name in differing("contents")]
    said += [f"setting {name!r}" for name in differing("settings")]
    said += [f"the definition of input {name!r}" for name in differing("inputs")]
    said += _changed_data(before["data"], now["data"])
    if before.get("manifest") != now.get("manifest"):
        said.append("the cohort's clips, labels, windows or folds")
    elif before.get("folds") != now.get("folds"):
        said.append("which clips a fold trains on, or their order")
    elif before.get("truth") != now.get("truth"):
        said.append("the labels of the cohort")
    said += [f"its mark {name!r}" for name in differing("shown") if name not in _SPOKEN_MARKS]
    said += _changed_pictures(before["features"], now["features"])
    said += [f"the variable {name}" for name in differing("environment")]
    spoken = {"mebench", "code", "files", "contents", "settings", "inputs", "data", "manifest", "folds"}
    spoken |= {"truth", "shown"}
    spoken |= {"features", "environment"}
    before, now = ({**_UNSAID, **each} for each in (before, now))
    rest = sorted({*before, *now} - spoken)
    return said + [name for name in rest if before.get(name) != now.get(name)]


def _changed_pictures(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    inputs: dict[str, list[str]] = {}
    for name in sorted({*before, *now}):
        one, other = before.get(name, {}), now.get(name, {})
        for dataset in sorted({*one, *other}):
            if one.get(dataset) != other.get(dataset):
                inputs.setdefault(dataset, []).append(name)
    return [f"the pictures of {dataset} (as {', '.join(names)})" for dataset, names in inputs.items()]


def _changed_data(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    words = {
        "sha256": "the annotation of {}",
        "repairs": "the repairs of {}",
        "repairs_applied": "the repairs of {}",
        "twin": "whether {} is synthetic",
        "ready": "the ready inputs of {}",
    }
    former = {each["dataset"]: each for each in before}
    said = [
        text.format(each["dataset"])
        for each in now
        for part, text in words.items()
        if former.get(each["dataset"], {}).get(part) != each.get(part)
    ]
    return list(dict.fromkeys(said))


def _asked(run: Mapping[str, Any]) -> list[Any]:
    """Return what a run's command asked for: runs that agree in it differ only in what was found."""
    decided = run["decided_by"]
    changed = {name: decided["settings"].get(name) for name in run["changed_settings"]}
    unsaid = {name: decided.get(name, value) for name, value in _UNSAID.items()}
    return [*(decided[name] for name in _ASKED), unsaid, changed, run["synthetic"]]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

"""The commands that run a recorded run again, to the same identity.

commands_of(run)        # ["mebench run ststnet casme3-4c --seeds 0,1 --set epochs=40 ..."]
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mebench.cohort.opening import trial_twin
from mebench.models.arithmetic import precision_and_speed
from mebench.models.epoch_rules import LAST
from mebench.models.setting_text import setting_text


def commands_of(run: Mapping[str, Any]) -> list[str]:
    """Return the commands, quoted for a shell; a twin of the run's own is drawn by the first ones.

    Where real data lie, and a model's file, is for their reader to say.
    """
    twins = [] if _of_a_trial(run) else [data for data in run["data"] if _can_be_drawn(data["twin"])]
    return [*(shlex.join(_drawing(data)) for data in twins), shlex.join(_running(run, twins))]


def _running(run: Mapping[str, Any], twins: Sequence[Mapping[str, Any]]) -> list[str]:
    words = ["mebench", "run", run["model"], run["protocol"], "--seeds", ",".join(map(str, run["seeds"]))]
    if _of_a_trial(run):
        # Without it, a trial takes a preset that this run may not have had; what it had is in the settings.
        words += ["--synthetic", "--preset", "none"]
    for data in twins:
        words += ["--data", f"{data['dataset']}={_folder(data)}"]
    for name, value in sorted(run["changed_settings"].items()):
        words += ["--set", f"{name}={setting_text(value)}"]
    # Not run["selection"], which a model may word in its own way.
    if (rule := run["decided_by"]["selection"]) != LAST:
        words += ["--selection", rule]
    if run["shuffled_labels"]:
        words.append("--shuffle-labels")
    precision, fast = precision_and_speed(run["precision"])
    words += ["--device", run["device"].partition(":")[0], "--precision", precision]
    if fast:
        words.append("--fast")
    if run["threads"] != 1:
        words += ["--threads", str(run["threads"])]
    if run["decided_by"].get("folds_together"):
        words.append("--folds-together")
    computed = [data for data in run["data"] if not data["ready"]]
    if computed and all(data["repairs"] == "none" for data in computed) and not run["synthetic"]:
        words += ["--repairs", "none"]
    if run["cohort"]["dropped_for_faults"]:
        words.append("--allow-dropped")
    return words


def _of_a_trial(run: Mapping[str, Any]) -> bool:
    """Tell whether the twins are those that ``--synthetic`` draws."""
    if not run["synthetic"]:
        return False
    due = asdict(trial_twin(len(run["data"])))
    return all(
        not isinstance(data["twin"], Mapping)
        or all(data["twin"].get(name) == value for name, value in due.items())
        for data in run["data"]
    )


def _can_be_drawn(twin: object) -> bool:
    """Tell whether a twin was invented in the layout that ``mebench data synth`` writes."""
    return isinstance(twin, Mapping) and twin.get("annotations") is None and not twin.get("layout")


def _drawing(data: Mapping[str, Any]) -> list[str]:
    words = ["mebench", "data", "synth", data["dataset"], "--out", _folder(data)]
    for name in ("subjects", "clips", "size", "strength", "seed"):
        words += [f"--{name}", str(data["twin"][name])]
    return [*words, "--quirks"] if data["twin"]["quirks"] else words


def _folder(data: Mapping[str, Any]) -> str:
    return f"{data['dataset']}-twin"

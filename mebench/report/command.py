"""The command that runs a recorded run again, to the same identity.

command_of(run)         # "mebench run ststnet casme3-4c --seeds 0,1 --set epochs=40 ..."
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from mebench.models.arithmetic import precision_and_speed
from mebench.models.epoch_rules import LAST
from mebench.models.setting_text import setting_text


def command_of(run: Mapping[str, Any]) -> str:
    """Return the command, quoted for a shell. Where its data lie, and a model's file, is for its reader to say."""
    words = ["mebench", "run", run["model"], run["protocol"], "--seeds", ",".join(map(str, run["seeds"]))]
    if run["synthetic"]:
        # Without it, a trial takes a preset that this run may not have had; what it had is in the settings.
        words += ["--synthetic", "--preset", "none"]
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
    return shlex.join(words)

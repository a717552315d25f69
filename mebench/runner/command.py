"""The commands that run a recorded run again, to the same identity.

commands_of(run)        # ["mebench run ststnet casme3-4c --seeds 0,1 --set epochs=40 ..."]
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mebench.cohort.opening import trial_twin
from mebench.models.arithmetic import precision_and_speed
from mebench.models.epoch_rules import LAST
from mebench.models.setting_text import setting_text


def commands_of(run: Mapping[str, Any]) -> list[str]:
    """Return the commands, quoted for a shell, with words in capitals where everybody's folders differ.

    The run is the last one; a twin of its own, which ``--synthetic`` does not draw, is drawn by those before.
    """
    twins = [] if _of_a_trial(run) else [data for data in run["data"] if _can_be_drawn(data["twin"])]
    return [
        *(shlex.join(_drawing(data)) for data in twins),
        shlex.join(["mebench", "run", *_words(run, twins)]),
    ]


def _words(run: Mapping[str, Any], twins: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    local = run["local_code"]
    yield local.get("file", run["model"]) if local else run["model"]
    yield run["protocol"]
    yield from ("--seeds", ",".join(map(str, run["seeds"])))
    for name, value in sorted(run["changed_settings"].items()):
        yield from ("--set", f"{name}={setting_text(value)}")
    # Not run["selection"], which a model may word in its own way.
    if (rule := run["decided_by"]["selection"]) != LAST:
        yield from ("--selection", rule)
    if run["shuffled_labels"]:
        yield "--shuffle-labels"
    yield from _data_words(run, twins)
    precision, fast = precision_and_speed(run["precision"])
    yield from ("--device", run["device"].partition(":")[0], "--precision", precision)
    yield from (["--fast"] if fast else [])
    if run["threads"] != 1:
        yield from ("--threads", str(run["threads"]))
    if run["decided_by"].get("folds_together"):
        yield "--folds-together"


def _data_words(run: Mapping[str, Any], twins: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if _of_a_trial(run):
        # Without it, a trial takes a preset that this run may not have had; what it had is in the settings.
        yield from ("--synthetic", "--preset", "none")
        return
    if ready := next((data["ready"] for data in run["data"] if data["ready"]), None):
        yield from ("--data", f"{ready['dataset']}=PICTURES", "--annotations", f"{ready['dataset']}=LIST")
    else:
        for data in run["data"]:
            yield from ("--data", f"{data['dataset']}={_folder(data) if data in twins else 'DIR'}")
    if not run["synthetic"] and not ready and any(data["repairs"] == "none" for data in run["data"]):
        yield from ("--repairs", "none")
    if run["cohort"]["dropped_for_faults"]:
        yield "--allow-dropped"


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

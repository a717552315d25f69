"""A stored result as a complete run gives it.

result = result_of(RunDirectory(path), title="Linear SVM on flow pictures")
last = result_of(RunDirectory(oracle), title=..., of="last")       # the last epochs of the very same training
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mebench.evidence.digests import sealed
from mebench.leaderboard.results.schema import SCHEMA, OfSubject, Result, Timing
from mebench.models.arithmetic import precision_and_speed
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.models.setting_text import setting_text
from mebench.plugin import integrity
from mebench.records import RunDirectory
from mebench.run_info import RunInfo
from mebench.scoring.rebuild import Epoch, Pooled, read_predictions, scores_of
from mebench.scoring.recorded import tasks_of


def result_of(
    directory: RunDirectory, *, title: str = "", of: Epoch = "predictions", subjects: bool = True
) -> Result:
    """Return the stored result of a complete run.

    Args:
        directory: of the run.
        title: the model's, in words.
        of: the predictions that count, or those of the ``last`` epoch of an oracle run.
        subjects: whether to say which share of each subject's clips is right.

    Raises:
        MebenchError: a fold has no record that counts, or the run is damaged.
    """
    integrity.refuse_patched()
    pooled = read_predictions(directory, of=of)
    described = _described(pooled.run)
    chosen = LAST if of == "last" else described["selection"]
    content = {
        "schema": SCHEMA,
        "title": title or described["model"],
        "selection": chosen,
        **({"trained_under": ORACLE} if of == "last" else {}),
        "run": described,
        **told_of(pooled),
        "scores": scores_of(pooled),
        "timing": _timing(directory),
        "command": command_of(described),
    }
    if subjects and pooled.classes:
        content["subjects"] = right_by_subject(pooled)
    result: Result = sealed(content)  # type: ignore[assignment]
    return result


def told_of(pooled: Pooled) -> dict[str, Any]:
    """Return what was predicted by clip key, in the order of the keys: how a list orders clips may tell their class."""
    sets = list(pooled.rows.values())
    keys = sorted(pooled.columns["key"])
    found: dict[str, Any] = {
        "predictions": {key: [rows[key]["probabilities"] for rows in sets] for key in keys}
    }
    if pooled.has_units:
        found["aus"] = {key: [rows[key]["aus"] for rows in sets] for key in keys}
    return found


def right_by_subject(pooled: Pooled) -> dict[str, OfSubject]:
    """Return each subject's clips, and which share of the answers about them is right, over all sets."""
    right: dict[str, list[int]] = {}
    told = [probabilities.argmax(axis=1) for probabilities in pooled.predictions.values()]
    for place, (subject, label) in enumerate(zip(pooled.columns["subject"], pooled.truth, strict=True)):
        right.setdefault(subject, []).append(sum(int(each[place] == label) for each in told))
    return {
        subject: {"clips": len(counts), "right": sum(counts) / (len(counts) * len(told))}
        for subject, counts in sorted(right.items())
    }


def command_of(run: Mapping[str, Any]) -> str:
    """Return the command that repeats a run, with words in capitals where everybody's folders differ."""
    return shlex.join(["mebench", "run", *_words(run)])


def _words(run: Mapping[str, Any]) -> Iterator[str]:
    local = run["local_code"]
    yield local.get("file", run["model"]) if local else run["model"]
    yield run["protocol"]
    yield from ("--seeds", ",".join(map(str, run["seeds"])))
    for name, value in sorted(run["changed_settings"].items()):
        yield from ("--set", f"{name}={setting_text(value)}")
    if (chosen := run["decided_by"]["selection"]) != LAST:
        yield from ("--selection", chosen)
    yield from _data_words(run)
    precision, fast = precision_and_speed(run["precision"])
    yield from ("--device", run["device"].partition(":")[0], "--precision", precision)
    yield from (["--fast"] if fast else [])
    if run["threads"] != 1:
        yield from ("--threads", str(run["threads"]))
    if run["decided_by"].get("folds_together"):
        yield "--folds-together"


def _data_words(run: Mapping[str, Any]) -> Iterator[str]:
    if run["synthetic"]:
        yield "--synthetic"
        return
    if ready := next((each["ready"] for each in run["data"] if each["ready"]), None):
        yield from ("--data", f"{ready['dataset']}=PICTURES", "--annotations", f"{ready['dataset']}=LIST")
    else:
        for each in run["data"]:
            yield from ("--data", f"{each['dataset']}=DIR")
    if any(each["repairs"] == "none" for each in run["data"]) and not ready:
        yield from ("--repairs", "none")
    if run["cohort"]["dropped_for_faults"]:
        yield "--allow-dropped"


def _described(run: RunInfo) -> dict[str, Any]:
    """Return a run's description without its checksum and without paths: the settings that its identity holds."""
    decided = run["decided_by"]["settings"]
    return {
        **{name: value for name, value in run.items() if name != "checksum"},
        "settings": decided,
        "changed_settings": {name: decided.get(name) for name in run["changed_settings"]},
    }


def _timing(directory: RunDirectory) -> Timing:
    records = [record for task in tasks_of(directory) if (record := directory.read_record(task)) is not None]
    return {
        "fit_seconds": _total(record["fit_seconds"] for record in records),
        "predict_seconds": _total(record["predict_seconds"] for record in records),
        "peak_memory_mib": max((record["peak_memory_mib"] for record in records), default=0.0),
    }


def _total(seconds: Iterable[float]) -> float:
    return round(math.fsum(seconds), 3)

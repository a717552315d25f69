"""Scores as tables."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.console import output, print_json, print_table
from mebench.features.substitutions import tell_substitutions
from mebench.runner.run import Outcome

_AU_NAMES = {"f1": "F1", "f1_macro": "macro F1"}
_CHANCE = {
    True: "chance is the most frequent class of all clips always (UF1), and guessing (UAR)",
    False: "means are over the action units that occur",
}
_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}


def print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a run: its scores, or how much of it is still missing."""
    done = outcome.done_before + outcome.done_now
    if as_json:
        counts = {"folds_done": done, "folds_missing": outcome.missing}
        print_json({**outcome.directory.about(), **counts, **(outcome.scores or {})})
    if outcome.scores is None:
        click.echo(
            f"{outcome.directory.path}: {done} of {done + outcome.missing} folds are recorded; a run has a score "
            "once all are",
            err=as_json,
        )
    if as_json or outcome.scores is None:
        return
    print_scores(outcome.run, outcome.scores)
    output().print(f"records: {outcome.directory.path}")


def print_scores(run: dict[str, Any], scores: dict[str, Any]) -> None:
    """Print a run's scores."""
    title = f"{run['model']} under {run['protocol']}"
    if run["synthetic"]:
        title += " (SYNTHETIC data)"
    if run["shuffled_labels"]:
        title += " (training labels SHUFFLED)"
    if run.get("subject_dependent"):
        title += " (SUBJECT-DEPENDENT: training and test share subjects)"
    if scores["classes"]:
        _print_classes(title, scores)
    if "au" in scores:
        _print_aus(scores["au"], "Action units" if scores["classes"] else title)
    folds, subjects = scores["folds"], scores["subjects"]
    seeds = f", seeds {', '.join(map(str, scores['seeds']))}" if scores["seeds"] else ""
    seeds += f", {scores['repeats']} repeats" if "repeats" in scores else ""
    output().print(
        f"{scores['clips']} clips, {subjects} subjects, {folds} folds{seeds}; "
        f"scores are pooled over all folds, intervals resample subjects; {_CHANCE[bool(scores['classes'])]}"
    )
    if bridged := tell_substitutions(run.get("substitutions")):
        output().print(f"bridged: {bridged}", markup=False)


def _print_classes(title: str, scores: dict[str, Any]) -> None:
    print_table(
        title,
        ("score", "value", "95 % interval", "chance", "mean of folds"),
        [
            (
                label,
                _percent(
                    scores[name]["mean"], scores[name]["sd"] if len(scores[name]["per_seed"]) > 1 else None
                ),
                _interval(scores[name]),
                _percent(_chance(scores, name)),
                _percent(scores["per_fold_means"][name]["mean"]),
            )
            for name, label in _NAMES.items()
        ],
        right=("value", "95 % interval", "chance", "mean of folds"),
    )
    print_table(
        "Classes",
        ("class", "clips", "F1", "recall", "precision"),
        [
            (name, row["support"], *(_percent(row[k]["mean"]) for k in ("f1", "recall", "precision")))
            for name, row in scores["per_class"].items()
        ],
        right=("clips", "F1", "recall", "precision"),
    )
    print_table(
        f"Confusion (rows: truth, columns: prediction; all seeds{' and repeats' if 'repeats' in scores else ''})",
        ("", *scores["classes"]),
        [(name, *row) for name, row in zip(scores["classes"], scores["confusion"]["sum"], strict=True)],
        right=scores["classes"],
    )
    for name, block in (scores.get("per_dataset") or {}).items():
        rows = [(label, _percent(block[key]["mean"]), _interval(block[key])) for key, label in _NAMES.items()]
        print_table(name, ("score", "value", "95 % interval"), rows, right=("value", "95 % interval"))


def _print_aus(block: dict[str, Any], title: str) -> None:
    """Print F1 (of presence) and macro F1 (mean of presence and absence) of action units."""
    rows: list[tuple[object, ...]] = [
        (name.upper(), row["support"], *(_percent(row[key]["mean"]) for key in _AU_NAMES))
        for name, row in block["per_au"].items()
        if row["support"]
    ]
    rows.append(("mean", "", *(_percent(block[key]["mean"]) for key in _AU_NAMES)))
    rows.append(("95 % interval", "", *(_interval(block[key]) for key in _AU_NAMES)))
    rows.append(("always present", "", *(_percent(block["chance"][key]) for key in _AU_NAMES)))
    print_table(title, ("unit", "clips", *_AU_NAMES.values()), rows, right=("clips", *_AU_NAMES.values()))
    datasets = [
        (name, *(_percent(part[key]["mean"]) for key in _AU_NAMES))
        for name, part in (block.get("per_dataset") or {}).items()
    ]
    if datasets:
        columns = ("dataset", *_AU_NAMES.values())
        print_table("Action units by dataset", columns, datasets, right=tuple(_AU_NAMES.values()))


def _chance(scores: dict[str, Any], name: str) -> float | None:
    chance = scores["chance"]
    return {"uf1": chance["uf1_majority"], "uar": chance["uar"]}.get(name)


def _percent(value: float | None, sd: float | None = None) -> str:
    if value is None:
        return ""
    return f"{100 * value:.2f}" + ("" if sd is None else f" ± {100 * sd:.2f}")


def _interval(block: dict[str, Any]) -> str:
    low, high = block.get("low"), block.get("high")
    return "" if low is None or high is None else f"{100 * low:.2f} to {100 * high:.2f}"

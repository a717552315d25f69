"""Scores as tables."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.console import output, print_json, print_table
from mebench.runner.run import Outcome

_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}


def print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a run: its scores, or how much of it is still missing."""
    if outcome.scores is None:
        done = outcome.done_before + outcome.done_now
        click.echo(
            f"{outcome.directory.path}: {done} of {done + outcome.missing} folds are recorded; a run has a score "
            "once all are",
            err=as_json,
        )
        return
    if as_json:
        print_json(outcome.scores)
        return
    print_scores(outcome.run, outcome.scores)
    output().print(f"records: {outcome.directory.path}", markup=False)


def print_scores(run: dict[str, Any], scores: dict[str, Any]) -> None:
    """Print a run's scores."""
    title = f"{run['model']} under {run['protocol']}"
    if run["synthetic"]:
        title += " (SYNTHETIC data)"
    if run["shuffled_labels"]:
        title += " (training labels SHUFFLED)"
    print_table(
        title,
        ("score", "value", "95 % interval", "chance", "mean of folds"),
        [
            (
                label,
                _percent(scores[name]["mean"], scores[name]["sd"] if len(scores["seeds"]) > 1 else None),
                _interval(scores[name]),
                _percent(_chance(scores, name)),
                _percent(scores["per_fold_means"][name]["mean"]),
            )
            for name, label in _NAMES.items()
        ],
        right=("value", "chance", "mean of folds"),
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
        "Confusion (rows: truth, columns: prediction; all seeds)",
        ("", *scores["classes"]),
        [(name, *row) for name, row in zip(scores["classes"], scores["confusion"]["sum"], strict=True)],
        right=scores["classes"],
    )
    for name, block in (scores.get("per_dataset") or {}).items():
        rows = [(label, _percent(block[key]["mean"]), _interval(block[key])) for key, label in _NAMES.items()]
        print_table(name, ("score", "value", "95 % interval"), rows, right=("value",))
    if "au" in scores:
        _print_aus(scores["au"])
    folds, subjects = scores["folds"], scores["subjects"]
    output().print(
        f"{scores['clips']} clips, {subjects} subjects, {folds} folds, seeds {', '.join(map(str, scores['seeds']))}; "
        f"UF1 and UAR are pooled over all folds, intervals resample subjects; chance is the most frequent class of "
        "all clips always (UF1), and guessing (UAR)",
        markup=False,
    )


def _print_aus(block: dict[str, Any]) -> None:
    rows = [
        (name.upper(), row["support"], _percent(row["f1"]["mean"]))
        for name, row in block["per_au"].items()
        if row["support"]
    ]
    rows.append(("mean", "", _percent(block["f1"]["mean"])))
    print_table("Action units", ("unit", "clips", "F1"), rows, right=("clips", "F1"))


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

"""Scores as rows of text: made once, for a terminal, a pipe and a notebook.

    for table in score_tables(run["model"], scores): print(table.title, table.columns, table.rows)

Shares are given in percent with two digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mebench.models.arithmetic import precision_and_speed
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.scoring.schema import AuMetric, AuScores, ClassMetric, MetricScore, Scored, Scores
from mebench.scoring.trust import trust_marks

# Pooled scores as tables call them.
METRIC_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy", "au_f1": "AU F1"}
_AU_NAMES: dict[AuMetric, str] = {"f1": "F1", "f1_macro": "macro F1"}
_NAMES: dict[ClassMetric, str] = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}
_OF_CLASS: tuple[Literal["f1", "recall", "precision"], ...] = ("f1", "recall", "precision")
_CHANCE = {
    True: "chance is the most frequent class of all clips always (UF1), and guessing (UAR)",
    False: "means are over the action units that occur",
}


@dataclass(frozen=True)
class Table:
    """A titled table; ``right`` names the right-aligned columns."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    right: tuple[str, ...] = ()

    def cells(self) -> list[list[str]]:
        """Return the rows as text; None is an empty cell."""
        return [["" if cell is None else str(cell) for cell in row] for row in self.rows]


def run_title(
    model: str,
    protocol: str,
    *,
    synthetic: bool,
    shuffled_labels: bool = False,
    subject_dependent: bool = False,
    local_code: Mapping[str, str] | None = None,
    selection: str = LAST,
) -> str:
    """Return what stands over the scores of a run, with what must not be overlooked."""
    title = f"{model} under {protocol}"
    if local_code:
        title += f" ({local_mark(local_code)})"
    if synthetic:
        title += " (SYNTHETIC data)"
    if shuffled_labels:
        title += " (training labels SHUFFLED)"
    if mark := selection_mark(selection):
        title += f" ({mark})"
    if subject_dependent:
        title += " (SUBJECT-DEPENDENT: training and test share subjects)"
    return title


def shown_model(run: Mapping[str, Any]) -> str:
    """Return a model's name and, where it has one, the label that tells it from others of that name."""
    label = run.get("label")
    return f"{run['model']} ({label})" if label else str(run["model"])


def local_mark(local_code: Mapping[str, str] | None) -> str:
    """Return the mark of a model that no plugin gives: that it is somebody's file, and which; or nothing."""
    return f"LOCAL CODE {local_code['sha256'][:12]}" if local_code else ""


def selection_mark(selection: str) -> str:
    """Return the mark of a run whose epochs were chosen, by the rule; nothing for the last epoch."""
    if selection == ORACLE:
        return "ORACLE: epochs chosen on the test clips"
    return "" if selection == LAST else f"epochs: {selection}"


def speed_mark(precision: str) -> str:
    """Return the mark of a run whose precision, as recorded, allowed kernels that are not deterministic."""
    return "FAST kernels: other bytes each time" if precision_and_speed(precision)[1] else ""


def run_marks(run: Mapping[str, Any]) -> list[str]:
    """Return the marks of a run beside whether its data is synthetic, for the cell of a table; mostly there is none."""
    marks = (
        "labels SHUFFLED" if run["shuffled_labels"] else "",
        selection_mark(run["selection"]),
        "SUBJECT-DEPENDENT" if run["subject_dependent"] else "",
        local_mark(run["local_code"]),
        speed_mark(run.get("precision", "")),
        *trust_marks(run),
    )
    return [mark for mark in marks if mark]


def outside_title(
    name: str, protocol: str, *, missing: int, due: int, synthetic: bool, subject_dependent: bool
) -> str:
    """Return what stands over the scores of predictions that no run recorded."""
    gap = f", {missing} of {due} clips MISSING," if missing else ""
    return run_title(name + gap, protocol, synthetic=synthetic, subject_dependent=subject_dependent)


def title_of(run: Mapping[str, Any], trust: Mapping[str, Any] | None = None) -> str:
    """Return the title of a run as its ``run.json`` describes it, with the marks of what its scores say of trust."""
    title = run_title(
        shown_model(run),
        run["protocol"],
        synthetic=run["synthetic"],
        shuffled_labels=run["shuffled_labels"],
        subject_dependent=run["subject_dependent"],
        local_code=run.get("local_code"),
        selection=run["selection"],
    )
    marks = filter(None, (speed_mark(run.get("precision", "")), *trust_marks(trust or {})))
    return title + "".join(f" ({mark})" for mark in marks)


def score_tables(title: str, scores: Scores) -> list[Table]:
    """Return the tables of scores: of classes and, where there are any, of action units."""
    tables = _class_tables(title, scores) if scores["classes"] else []
    if "au" in scores:
        tables += _au_tables("Action units" if scores["classes"] else title, scores["au"])
    return tables


def metric_tables(metrics: Mapping[str, MetricScore]) -> list[Table]:
    """Return the table of plugins' metrics, by dataset where there are several; none without metrics."""
    rows: list[Sequence[object]] = []
    for name, found in metrics.items():
        of_all: list[tuple[str, Scored]] = [("all" if found["per_dataset"] else "", found)]
        for dataset, block in (*of_all, *found["per_dataset"].items()):
            sd = block["sd"] if len(block["per_seed"]) > 1 else None
            figures = (_figure(block["mean"], sd, found["share"]), _interval(block, share=found["share"]))
            rows.append((name, dataset, *figures))
    several = any(row[1] for row in rows)
    if not several:
        rows = [(row[0], *row[2:]) for row in rows]
    columns = ("metric", *(("dataset",) if several else ()), "value", "95 % interval")
    return [Table("Metrics of plugins", columns, rows, ("value", "95 % interval"))] if rows else []


def score_note(scores: Scores) -> str:
    """Return what stands under the tables: how many clips, and how to read the figures."""
    seeds = f", seeds {', '.join(map(str, scores['seeds']))}" if scores["seeds"] else ""
    seeds += f", {scores['repeats']} repeats" if "repeats" in scores else ""
    return (
        f"{scores['clips']} clips, {scores['subjects']} subjects, {scores['folds']} folds{seeds}; scores are "
        f"pooled over all folds, intervals resample subjects; {_CHANCE[bool(scores['classes'])]}"
    )


def percent(value: float | None, sd: float | None = None) -> str:
    """Return a share in percent, with its deviation over seeds; nothing where it is not known."""
    if value is None:
        return ""
    return f"{100 * value:.2f}" + ("" if sd is None else f" ± {100 * sd:.2f}")


def bounds(low: float | None, high: float | None) -> str:
    """Return the bounds of a share in percent; nothing where they are not known."""
    return "" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def within(value: float | None, low: float | None, high: float | None) -> str:
    """Return a share in percent, with its bounds in brackets where they are known."""
    told = bounds(low, high)
    return f"{percent(value)} ({told})" if told else percent(value)


def _class_tables(title: str, scores: Scores) -> list[Table]:
    overall = [
        (
            label,
            percent(scores[name]["mean"], scores[name]["sd"] if len(scores[name]["per_seed"]) > 1 else None),
            _interval(scores[name]),
            percent(_chance(scores, name)),
            percent(scores["per_fold_means"][name]["mean"]),
        )
        for name, label in _NAMES.items()
    ]
    classes = [
        (name, row["support"], *(percent(row[k]["mean"]) for k in _OF_CLASS))
        for name, row in scores["per_class"].items()
    ]
    repeats = " and repeats" if "repeats" in scores else ""
    confusion = [
        (name, *row) for name, row in zip(scores["classes"], scores["confusion"]["sum"], strict=True)
    ]
    tables = [
        Table(
            title,
            ("score", "value", "95 % interval", "chance", "mean of folds"),
            overall,
            ("value", "95 % interval", "chance", "mean of folds"),
        ),
        Table(
            "Classes",
            ("class", "clips", "F1", "recall", "precision"),
            classes,
            ("clips", "F1", "recall", "precision"),
        ),
        Table(
            f"Confusion (rows: truth, columns: prediction; all seeds{repeats})",
            ("", *scores["classes"]),
            confusion,
            tuple(scores["classes"]),
        ),
    ]
    for name, block in scores["per_dataset"].items():
        rows = [(label, percent(block[key]["mean"]), _interval(block[key])) for key, label in _NAMES.items()]
        tables.append(Table(name, ("score", "value", "95 % interval"), rows, ("value", "95 % interval")))
    return tables


def _au_tables(title: str, block: AuScores) -> list[Table]:
    """F1 (of presence) and macro F1 (mean of presence and absence) of action units."""
    names = tuple(_AU_NAMES.values())
    rows: list[Sequence[object]] = [
        (name.upper(), row["support"], *(percent(row[key]["mean"]) for key in _AU_NAMES))
        for name, row in block["per_au"].items()
        if row["support"]
    ]
    rows.append(("mean", "", *(percent(block[key]["mean"]) for key in _AU_NAMES)))
    rows.append(("95 % interval", "", *(_interval(block[key]) for key in _AU_NAMES)))
    rows.append(("always present", "", *(percent(block["chance"][key]) for key in _AU_NAMES)))
    tables = [Table(title, ("unit", "clips", *names), rows, ("clips", *names))]
    datasets = [
        (name, *(percent(part[key]["mean"]) for key in _AU_NAMES))
        for name, part in block["per_dataset"].items()
    ]
    if datasets:
        tables.append(Table("Action units by dataset", ("dataset", *names), datasets, names))
    return tables


def _chance(scores: Scores, name: str) -> float | None:
    return {"uf1": scores["chance"]["uf1_majority"], "uar": scores["chance"]["uar"]}.get(name)


def _interval(block: Scored, *, share: bool = True) -> str:
    low, high = block["low"], block["high"]
    return (
        "" if low is None or high is None else f"{_figure(low, None, share)} to {_figure(high, None, share)}"
    )


def _figure(value: float | None, sd: float | None, share: bool) -> str:
    """Return a share in percent; anything else as it is, with four digits."""
    if share or value is None:
        return percent(value, sd)
    return f"{value:.4g}" + ("" if sd is None else f" ± {sd:.2g}")

"""What a study found, as plain data: a row a variant, each compared with the reference over the same clips.

    found = results_of(study, done, cohort, seeds)
    [(row.name, row.uf1, row.difference) for row in found.rows]

Scores and differences count the training seeds that were asked for, whatever else a run has recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import nan
from statistics import median
from typing import Any, Literal

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, first_few
from mebench.features.ready import inputs_for
from mebench.models.setting_text import in_words
from mebench.records import RunDirectory
from mebench.runner.outcome import Outcome
from mebench.scoring.compared import PairedScore, compare_pooled
from mebench.scoring.comparison import holm
from mebench.scoring.rebuild import Pooled
from mebench.scoring.recorded import tasks_of
from mebench.scoring.schema import Spread
from mebench.scoring.summaries import plain
from mebench.scoring.tables import title_of
from mebench.scoring.trust import trust_marks
from mebench.study.costs import Cost, cost_of
from mebench.study.variants import Study, Variant
from mebench.study.work import Done

Metric = Literal["uf1", "au_f1"]


@dataclass(frozen=True)
class Row:
    """A variant: what differs from the reference, its scores, the difference, and what it costs.

    ``difference`` is the paired difference of the study's metric to the reference, None where either has no score;
    its ``p`` is not corrected, and ``p_holm`` is, for the number of variants. ``fold_seconds`` is the median time of
    training a fold. ``problem`` says why there are no scores.
    """

    name: str
    axis: str
    changes: dict[str, Any]
    factors: dict[str, Any]
    reference: bool
    run: str | None = None
    uf1: Spread | None = None
    uar: Spread | None = None
    au_f1: Spread | None = None
    difference: PairedScore | None = None
    p_holm: float | None = None
    cost: Cost = field(default_factory=Cost)
    fold_seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Results:
    """A study's rows under a ``title`` that says what must not be overlooked, and ``notes`` on how to read them."""

    title: str
    model: str
    protocol: str
    factors: tuple[str, ...]
    metric: Metric
    seeds: tuple[int, ...]
    synthetic: bool
    shuffled_labels: bool
    selection: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> list[Row]:
        """Return the variants that have no scores."""
        return [row for row in self.rows if row.problem]


def results_of(
    study: Study,
    ended: Sequence[Done],
    cohort: Cohort,
    seeds: Sequence[int],
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Results:
    """Return what a study found once its variants were run; ``progress`` is told of each that is looked at.

    Raises:
        MebenchError: a run is damaged.
    """
    metric: Metric = "uf1" if cohort.protocol.classes else "au_f1"
    notes = [*study.notes]
    (base,) = (done.predictions for done in ended if done.variant.is_reference)
    rows = []
    for place, done in enumerate(ended):
        progress("variants compared", place, len(ended))
        row = _row(done, seeds)
        cost, unknown = _cost(done.variant, cohort)
        difference, incomparable = None, ""
        if base and done.predictions and not row.reference:
            difference, incomparable = _difference(base, done.predictions, metric)
        rows.append(replace(row, cost=cost, difference=difference))
        notes += [f"{row.name}: {why}" for why in (unknown, incomparable) if why]
    progress("variants compared", len(ended), len(ended))
    p = [
        nan if row.difference is None or row.difference["p"] is None else row.difference["p"] for row in rows
    ]
    rows = [replace(row, p_holm=plain(each)) for row, each in zip(rows, holm(p), strict=True)]
    notes += _trust_notes(ended)
    outcome = next(done.outcome for done in ended if done.outcome)
    changed = [
        in_words(done.outcome.run["changed_settings"])
        for done in ended
        if done.variant.is_reference and done.outcome
    ]
    notes = [*(f"the reference has {settings}" for settings in changed if settings), *notes]
    return Results(
        title=_title(study, outcome),
        model=study.model,
        protocol=cohort.protocol.name,
        factors=study.factors,
        metric=metric,
        seeds=tuple(sorted(set(seeds))),
        synthetic=cohort.twin,
        shuffled_labels=outcome.run["shuffled_labels"],
        selection=outcome.run["selection"],
        rows=tuple(rows),
        notes=tuple(dict.fromkeys(notes)),
    )


def _trust_notes(ended: Sequence[Done]) -> list[str]:
    """Return what must not be overlooked of isolation and checks, and of which variants; mostly there is nothing."""
    known = [done for done in ended if done.predictions]
    marked: dict[str, list[str]] = {}
    for done in known:
        for mark in trust_marks(done.predictions.trust if done.predictions else {}):
            marked.setdefault(mark, []).append(done.variant.name)
    return [
        f"{mark}: {'every variant' if len(names) == len(known) else first_few(names)}"
        for mark, names in marked.items()
    ]


def _difference(reference: Pooled, pooled: Pooled, metric: Metric) -> tuple[PairedScore | None, str]:
    """Return what a variant has more than the reference; or nothing, and why."""
    try:
        return compare_pooled(reference, pooled).get(metric), ""
    except MebenchError as error:
        return None, str(error)


def _cost(variant: Variant, cohort: Cohort) -> tuple[Cost, str]:
    """Return what a variant costs; or nothing, and why."""
    model, protocol = variant.named.model, cohort.protocol
    try:
        inputs = inputs_for(cohort, variant.named.asked.inputs)
        return cost_of(variant.named.entry, model, inputs, protocol.classes, protocol.aus), ""
    except MebenchError as error:
        return Cost(), f"parameters and FLOPs are not known: {error}"


def _row(done: Done, seeds: Sequence[int]) -> Row:
    variant, scores = done.variant, done.scores
    row = Row(
        variant.name,
        variant.axis,
        dict(variant.changes),
        dict(variant.factors),
        variant.is_reference,
        problem="" if scores else done.problem,
    )
    if done.outcome is None:
        return row
    directory = done.outcome.directory
    row = replace(row, run=str(directory.path), fold_seconds=_seconds(directory, seeds))
    if scores is None:
        left = f"{done.missing} of {done.due} folds are not recorded"
        return replace(row, problem=done.problem or left)
    units = scores["au"]["f1"] if "au" in scores else None
    return replace(row, uf1=scores.get("uf1"), uar=scores.get("uar"), au_f1=units)


def _seconds(directory: RunDirectory, seeds: Sequence[int]) -> float | None:
    found = [directory.read_record(task) for task in tasks_of(directory) if task.seed in seeds]
    times = [record["fit_seconds"] for record in found if record]
    return median(times) if times else None


def _title(study: Study, outcome: Outcome) -> str:
    of_run = title_of({**outcome.run, "model": study.model, "label": ""})
    return f"{study.what.capitalize()} of {of_run}"

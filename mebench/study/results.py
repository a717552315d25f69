"""What a study found, as plain data: a row a variant, each compared with the reference over the same clips.

    found = results_of(study, done, cohort, seeds)
    [(row.name, row.uf1, row.difference) for row in found.rows]

Scores and differences count the training seeds that were asked for, whatever else a run has recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.features.ready import inputs_for
from mebench.records import RunDirectory
from mebench.runner.outcome import Outcome
from mebench.scoring.compared import PairedScore, compare_pooled
from mebench.scoring.comparison import holm
from mebench.scoring.rebuild import Pooled, read_predictions, score_pooled
from mebench.scoring.recorded import tasks_of
from mebench.scoring.schema import Scores, Spread
from mebench.scoring.tables import title_of
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
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> list[Row]:
        """Return the variants that have no scores."""
        return [row for row in self.rows if row.problem]


def results_of(study: Study, ended: Sequence[Done], cohort: Cohort, seeds: Sequence[int]) -> Results:
    """Return what a study found once its variants were run.

    Raises:
        MebenchError: a run is damaged.
    """
    metric: Metric = "uf1" if cohort.protocol.classes else "au_f1"
    predictions = [_predictions(done, seeds) for done in ended]
    reference = next(
        pooled for done, pooled in zip(ended, predictions, strict=True) if done.variant.is_reference
    )
    differences = [
        None if done.variant.is_reference else _difference(reference, pooled, metric)
        for done, pooled in zip(ended, predictions, strict=True)
    ]
    p = [each["p"] if each else None for each in differences]
    corrected = holm([float("nan") if each is None else each for each in p])
    notes = list(study.notes)
    rows = []
    for place, done in enumerate(ended):
        cost, why = _cost(done.variant, cohort)
        if why and why not in notes:
            notes.append(why)
        pooled = predictions[place]
        rows.append(
            _row(
                done,
                score_pooled(pooled) if pooled else None,
                differences[place],
                None if p[place] is None else corrected[place],
                cost,
                seeds,
            )
        )
    outcome = next(done.outcome for done in ended if done.outcome)
    return Results(
        title=_title(study, outcome),
        model=study.model,
        protocol=cohort.protocol.name,
        factors=study.factors,
        metric=metric,
        seeds=tuple(sorted(set(seeds))),
        synthetic=cohort.twin,
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _predictions(done: Done, seeds: Sequence[int]) -> Pooled | None:
    if done.outcome is None:
        return None
    if _missing(done.outcome.directory, seeds):
        return None
    return read_predictions(done.outcome.directory, seeds)


def _missing(directory: RunDirectory, seeds: Sequence[int]) -> int:
    return sum(task.seed in seeds and not directory.has_record(task) for task in tasks_of(directory))


def _difference(reference: Pooled | None, pooled: Pooled | None, metric: Metric) -> PairedScore | None:
    if reference is None or pooled is None:
        return None
    try:
        found = compare_pooled(reference, pooled)
    except MebenchError:
        return None  # without action units there is nothing to compare under a protocol of them
    return found.get(metric)


def _cost(variant: Variant, cohort: Cohort) -> tuple[Cost, str]:
    model, protocol = variant.named.model, cohort.protocol
    try:
        inputs = inputs_for(cohort, model.inputs())
        return cost_of(variant.named.entry, model, inputs, protocol.classes, protocol.aus), ""
    except MebenchError as error:
        return Cost(), f"parameters and FLOPs are not known of {variant.name}: {error}"


def _row(
    done: Done,
    scores: Scores | None,
    difference: PairedScore | None,
    p_holm: float | None,
    cost: Cost,
    seeds: Sequence[int],
) -> Row:
    variant, directory = done.variant, done.outcome.directory if done.outcome else None
    problem = done.problem
    if not problem and scores is None:
        assert directory is not None
        due = [task for task in tasks_of(directory) if task.seed in seeds]
        problem = f"{_missing(directory, seeds)} of {len(due)} folds are not recorded"
    about = (variant.name, variant.axis, dict(variant.changes), dict(variant.factors), variant.is_reference)
    return Row(
        *about,
        run=str(directory.path) if directory else None,
        uf1=scores.get("uf1") if scores else None,
        uar=scores.get("uar") if scores else None,
        au_f1=scores["au"]["f1"] if scores and "au" in scores else None,
        difference=difference,
        p_holm=p_holm,
        cost=cost,
        fold_seconds=_seconds(directory, seeds) if directory else None,
        problem="" if scores else problem,
    )


def _seconds(directory: RunDirectory, seeds: Sequence[int]) -> float | None:
    found = [directory.read_record(task) for task in tasks_of(directory) if task.seed in seeds]
    times = [record["fit_seconds"] for record in found if record]
    return median(times) if times else None


def _title(study: Study, outcome: Outcome) -> str:
    of_run = title_of({**outcome.run, "model": study.model, "label": ""})
    return f"{study.what.capitalize()} of {of_run}"

"""Scores as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mebench.cli.console import print_json, print_table
from mebench.display.consoles import output, say
from mebench.scoring.schema import MetricScore, Scores
from mebench.scoring.stood_in import tell_ready, tell_substitutions
from mebench.scoring.tables import Table, metric_tables, score_note, score_tables, title_of

if TYPE_CHECKING:
    from mebench.runner.outcome import Outcome


def print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a run: its scores, or how much of it is still missing."""
    done = outcome.done
    if as_json:
        counts = {"folds_done": done, "folds_missing": outcome.missing}
        print_json({**outcome.directory.about(), **counts, **(outcome.scores or {})})
    if outcome.scores is None:
        say(
            f"{outcome.directory.path}: {done} of {done + outcome.missing} folds are recorded; a run has a score "
            "once all are",
            err=as_json,
        )
    if as_json or outcome.scores is None:
        return
    print_run_scores(outcome.run, outcome.scores)
    output().print(f"records: {outcome.directory.path}")


def print_run_scores(
    run: Mapping[str, Any], scores: Scores, metrics: Mapping[str, MetricScore] | None = None
) -> None:
    """Print the scores of a run that ``run.json`` describes, with metrics, its files and what was bridged."""
    print_scores(title_of(run, scores), scores, metric_tables(metrics or {}))
    if ready := tell_ready(run):
        output().print(f"inputs from files: {ready}")
    if bridged := tell_substitutions(run["substitutions"]):
        output().print(f"bridged: {bridged}")


def print_scores(title: str, scores: Scores, more: Sequence[Table] = ()) -> None:
    """Print scores under a title that says of what they are, and more tables below."""
    for table in (*score_tables(title, scores), *more):
        print_table(table.title, table.columns, table.rows, right=table.right)
    output().print(score_note(scores))

"""The page of one run.

page = run_page(read_contents(directory))       # a whole HTML file that asks for nothing
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from mebench.pages.document import document, sorting_script, templates
from mebench.pages.whiskers import whisker
from mebench.report.contents import RunContents
from mebench.report.facts import provenance, settings_rows
from mebench.report.figures import Figure, run_figures, score_whiskers
from mebench.report.marks import marks_of
from mebench.runner.command import commands_of
from mebench.scoring.schema import Scores
from mebench.scoring.tables import METRIC_NAMES, bounds, percent, score_note, shown_model

_HARDEST = 20
_LISTED = 300


def run_page(contents: RunContents, figures: list[Figure] | None = None) -> str:
    """Return the page; ``figures`` are those of :func:`run_figures`, where they are made already."""
    run, scores = contents.run, contents.scores
    drawn = run_figures(contents) if figures is None else figures
    wrong = [row for row in contents.clips if row["wrong"]]
    parts: dict[str, list[Figure]] = {}
    for figure in drawn:
        parts.setdefault(figure.part, []).append(figure)
    title, marks = title_of_page(contents), marks_of(run, scores, contents.total - contents.done)
    body = (
        templates("mebench.report")
        .get_template("run.html")
        .render(
            title=title,
            contents=contents,
            run=run,
            scores=scores,
            marks=marks,
            cards=_cards(scores) if scores else [],
            score_rows=_score_rows(scores) if scores else [],
            class_rows=_class_rows(scores) if scores and scores["classes"] else [],
            note=score_note(scores) if scores else "",
            parts=parts,
            hardest=[_hard(row) for row in wrong[:_HARDEST]],
            others=[_hard(row) for row in wrong[_HARDEST:_LISTED]],
            left_out=max(0, len(wrong) - _LISTED),
            wrong=len(wrong),
            subjects=[
                (row["subject"], row["dataset"], row["clips"], percent(row["right"]))
                for row in contents.subjects
            ],
            settings=settings_rows(run),
            facts=provenance(contents),
            commands="\n".join(commands_of(run)),
            percent=percent,
        )
    )
    words = "".join(f"{mark.word}: " for mark in marks)
    return document(f"{words}{title}", Markup(body), script=sorting_script())


def title_of_page(contents: RunContents) -> str:
    """Return what stands above a run's page."""
    return f"{shown_model(contents.run)} under {contents.run['protocol']}"


def _cards(scores: Scores) -> list[dict[str, Any]]:
    """Return the scores that count most, large."""
    found: list[tuple[str, Any, float | None]] = []
    if scores["classes"]:
        chance = {"uf1": scores["chance"]["uf1_majority"], "uar": scores["chance"]["uar"]}
        found += [(METRIC_NAMES[n], scores[n], chance.get(n)) for n in ("uf1", "uar", "accuracy")]  # type: ignore[literal-required]
    if "au" in scores:
        found.append(("AU F1", scores["au"]["f1"], scores["au"]["chance"]["f1"]))
    return [
        {
            "name": name,
            "value": percent(scored["mean"]) or "not known",
            "sd": percent(scored["sd"]) if len(scored["per_seed"]) > 1 else "",
            "interval": bounds(scored["low"], scored["high"]),
            "chance": percent(chance),
        }
        for name, scored, chance in found
    ]


def _score_rows(scores: Scores) -> list[tuple[Any, ...]]:
    return [
        (
            each.name,
            percent(each.value),
            bounds(each.low, each.high),
            percent(each.chance),
            whisker(each.value, each.low, each.high, name=each.name, chance=each.chance, width=150).inline(),
        )
        for each in score_whiskers(scores)
    ]


def _class_rows(scores: Scores) -> list[tuple[Any, ...]]:
    return [
        (name, row["support"], *(percent(row[each]["mean"]) for each in ("f1", "recall", "precision")))  # type: ignore[literal-required]
        for name, row in scores["per_class"].items()
    ]


def _hard(row: Any) -> tuple[Any, ...]:
    told = ", ".join(name if count == 1 else f"{name} \u00d7 {count}" for name, count in row["told"].items())
    often = f"{row['wrong']} of {row['answers']}"
    return (row["clip"], row["truth"], told, often, percent(row["probability"]))

"""A leaderboard as Markdown and as CSV; the same rows give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rows import Reproduced
from mebench.plain_text import markdown as to_markdown
from mebench.plain_text import named_cells
from mebench.scoring.schema import Scored
from mebench.scoring.tables import selection_mark

_HEADER = (
    "model",
    "run",
    "UF1",
    "UAR",
    "UF1 reported",
    "UAR reported",
    "seeds",
    "epoch kept",
    "cohort",
    "notes",
)
_CSV_HEADER = (
    "model",
    "label",
    "method",
    "uf1",
    "uf1_low",
    "uf1_high",
    "uar",
    "uar_low",
    "uar_high",
    "accuracy",
    "uf1_reported",
    "uar_reported",
    "clips",
    "subjects",
    "seeds",
    "selection",
    "manifest",
    "cohort_differs",
    "subject_dependent",
    "repeats",
    "bridged",
    "ready",
    "synthetic",
    "local_code",
    "trust",
    "device",
    "settings",
    "run",
    "mebench",
    "source",
    "caveat",
)


def markdown(
    protocol: str, rows: Sequence[Reproduced], reported: Sequence[Reported], *, synthetic: bool
) -> str:
    """Return the table of a protocol for people."""
    lines = [f"# {protocol}{' on SYNTHETIC data' if synthetic else ''}", ""]
    if synthetic:
        lines += [
            "These figures come from synthetic twins: faces drawn by code. They say that the software works, and",
            "nothing about real micro-expressions.",
            "",
        ]
    lines += [
        "UF1 and UAR in percent, pooled over all folds, with 95 % intervals from resampled subjects. *Reported*",
        "figures are what papers print; every other figure is computed from stored predictions by",
        "`mebench leaderboard build`. Rows of one *cohort* used the same clips, labels and folds.",
        "",
        "| " + " | ".join(_HEADER) + " |",
        "|"
        + "|".join("---:" if column.startswith(("UF1", "UAR", "seeds")) else "---" for column in _HEADER)
        + "|",
    ]
    lines += [
        "| " + " | ".join(to_markdown(cell) for cell in _row(*pair)) + " |" for pair in _pairs(rows, reported)
    ]
    return "\n".join(lines) + "\n"


def table_csv(rows: Sequence[Reproduced], reported: Sequence[Reported]) -> str:
    """Return the table of a protocol for machines; shares, not percent."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV_HEADER, lineterminator="\n")
    writer.writeheader()
    for row, paper in _pairs(rows, reported):
        cells: dict[str, Any] = {}
        if row:
            cells |= {
                "model": row.model,
                "label": row.label,
                **_bounded("uf1", row.uf1),
                **_bounded("uar", row.uar),
                "accuracy": row.accuracy and row.accuracy["mean"],
                "clips": row.clips,
                "subjects": row.tested_subjects,
                "seeds": len(row.seeds),
                "selection": row.selection,
                "manifest": row.manifest,
                "cohort_differs": row.cohort_differs,
                "subject_dependent": row.subject_dependent,
                "repeats": row.repeats,
                "bridged": row.bridged,
                "ready": row.ready,
                "synthetic": row.synthetic,
                "local_code": row.local_code,
                "trust": row.trust,
                "device": row.device,
                "settings": row.changed,
                "run": row.run,
                "mebench": row.version,
            }
        if paper:
            cells |= {
                "model": paper.model,
                "method": paper.method,
                "uf1_reported": paper.uf1,
                "uar_reported": paper.uar,
                "source": paper.source,
                "caveat": paper.caveat,
            }
        writer.writerow(named_cells(cells))
    return text.getvalue()


def _pairs(
    rows: Sequence[Reproduced], reported: Sequence[Reported]
) -> list[tuple[Reproduced | None, Reported | None]]:
    """Put a paper's figures beside the run that repeats it: of its model, with default settings.

    A paper without such a run has a row of its own, below.
    """
    left = [paper for paper in reported if paper.part == WHOLE]
    pairs: list[tuple[Reproduced | None, Reported | None]] = []
    for row in rows:
        match = next(
            (p for p in left if p.model == row.model and p.kind == "reported" and not row.changed), None
        )
        if match:
            left.remove(match)
        pairs.append((row, match))
    return pairs + [(None, p) for p in sorted(left, key=lambda p: (-(p.uf1 or 0), p.method))]


def _row(row: Reproduced | None, paper: Reported | None) -> list[str]:
    notes = [f"{paper.method} {paper.year}, {paper.source}", _re_run(paper), paper.caveat] if paper else []
    if row is None:
        assert paper is not None
        return [
            paper.model or paper.method,
            "",
            "",
            "",
            _percent(paper.uf1),
            _percent(paper.uar),
            "",
            "",
            "",
            _notes(notes),
        ]
    if row.changed:
        notes.insert(0, row.changed)
    if row.bridged:
        notes.insert(0, f"bridged: {row.bridged}")
    if row.ready:
        notes.insert(0, f"inputs from files: {row.ready}")
    if row.cohort_differs:
        notes.insert(0, "cohort differs from the published counts")
    if row.trust:
        notes.insert(0, row.trust)
    if row.local_code:
        notes.insert(0, row.local_code)
    if row.repeats > 1:
        notes.insert(0, f"means over {row.repeats} repeats of the split")
    if mark := selection_mark(row.selection):
        notes.insert(0, mark)
    if row.subject_dependent:
        notes.insert(0, "SUBJECT-DEPENDENT: training and test share subjects")
    return [
        row.shown,
        row.run.rpartition("-")[2],
        _scored(row.uf1),
        _scored(row.uar),
        _percent(paper.uf1) if paper else "",
        _percent(paper.uar) if paper else "",
        str(len(row.seeds)),
        row.selection,
        row.manifest[:12],
        _notes(notes),
    ]


def _re_run(paper: Reported) -> str:
    return "a re-run by others" if paper.kind == "re-run" else ""


def _notes(notes: Sequence[str]) -> str:
    return "; ".join(note for note in notes if note)


def _bounded(name: str, block: Scored | None) -> dict[str, float | None]:
    if block is None:
        return {}
    return {name: block["mean"], f"{name}_low": block["low"], f"{name}_high": block["high"]}


def _scored(block: Scored | None) -> str:
    if block is None:
        return ""
    interval = f" ({_percent(block['low'])} to {_percent(block['high'])})" if block["low"] is not None else ""
    return _percent(block["mean"]) + interval


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"

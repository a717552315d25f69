"""A board's tables as people read them: made once, for Markdown and LaTeX. The CSV holds everything (:mod:`.columns`).

    for section in sections(board, Notes()): print(section.heading, section.table.columns, section.notes)

What several rows have in common stands once, as a numbered note below; a cell names it: ``[1, 3]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mebench.leaderboard.board import Board
from mebench.leaderboard.cells import Notes, interval, mean_and_sd, printed_percent
from mebench.leaderboard.doubts import Doubt
from mebench.leaderboard.published import Published
from mebench.leaderboard.remarks import remarks_of
from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rescored import part_names
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import INNER, ORACLE
from mebench.scoring.optimism import Measured
from mebench.scoring.tables import Table, bounds, percent, selection_mark
from mebench.scoring.typeset import MINUS, point_bounds, points

_LEFT = ("model", "run", "method", "of", "tied", "by", "cohort", "doubt", "notes")
# More columns than these make no row readable: then the settings stand in one.
_MOST_FACTORS = 4
DIFFERENCE = f"reported {MINUS} reproduced"


@dataclass(frozen=True)
class Section:
    """A heading, a sentence on how to read the table, the table, and the numbers of the notes that it names."""

    heading: str
    lead: str
    table: Table
    notes: tuple[int, ...]


def sections(board: Board, notes: Notes) -> Iterator[Section]:
    """Yield the tables of a board that have rows, in the order in which they are read."""
    for heading, lead, make in (
        ("Reproduced", _REPRODUCED, _reproduced),
        ("Not ranked: epochs chosen on the test clips", _ORACLES, _oracles),
        ("Rescored", _RESCORED, _rescored),
        ("Reported", _REPORTED, _reported),
        ("By dataset", "", _by_dataset),
    ):
        rows = list(make(board, notes))
        if rows:
            tied = "tied" in rows[0] and board.groups
            told = [lead, _TIED.format(rows=len(board.groups)) if tied else "", board.untold if tied else ""]
            yield Section(heading, " ".join(filter(None, told)), _table(board, rows), notes.taken())


_REPRODUCED = (
    "Computed by mebench from predictions of every clip; `mebench leaderboard verify` computes them again."
)
_TIED = (
    "Rows with a letter in common under *tied* are not told apart: predictions are swapped subject by subject, p is "
    "corrected for all pairs of the {rows} rows that have letters (Holm) and compared with .05."
)
_ORACLES = "What choosing each fold's epoch on its own test clips gives. It says nothing about other clips."
_RESCORED = (
    "Predictions of each clip by others, scored under this cohort; in brackets, how much more is printed."
)
_REPORTED = "What papers print, with their digits."

_Row = dict[str, str]


def _table(board: Board, rows: Sequence[_Row]) -> Table:
    """Return rows as a table of the columns that hold anything."""
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    return Table(
        board.protocol,
        tuple(names),
        [[row[name] for name in names] for row in rows],
        tuple(name for name in names if name not in _LEFT and name not in board.factors),
    )


def _reproduced(board: Board, notes: Notes) -> Iterator[_Row]:
    metric, name = _headline(board)
    several = len(board.factors) <= _MOST_FACTORS
    cohorts = {row.manifest for row in board.reproduced}
    for row in board.reproduced:
        printed = board.printed_of(row)
        shown: _Row = {"model": row.shown, "run": row.run.rpartition("-")[2]}
        if several:
            shown |= {factor: row.factors.get(factor, "") for factor in board.factors}
        elif board.factors:
            shown["settings"] = row.changed
        shown |= {
            name: mean_and_sd(row.headline),
            f"{name} 95 %": interval(row.headline),
            "tied": board.groups.get(row.key, ""),
        }
        if not board.units_alone:
            shown |= {"UAR": mean_and_sd(row.uar), "accuracy": mean_and_sd(row.accuracy)}
            shown |= {"AU F1": mean_and_sd(row.au_f1)}
        else:
            shown["macro F1"] = mean_and_sd(row.scores["au"]["f1_macro"])
        shown |= {
            f"{name} reported": _printed(printed, "uf1"),
            DIFFERENCE: points(reported_more(printed, row)),
            **{f"{rule} {MINUS} last": more_than_last(row, rule, metric) for rule in (ORACLE, INNER)},
            "seeds": str(len(row.seeds)),
            # Rows of one cohort have the same clips, labels and folds: which one is told where there are several.
            "cohort": row.manifest[:12] if len(cohorts) > 1 else "",
            "notes": _notes_of_row(board, row, printed, notes, settings=not several),
        }
        yield shown


def _notes_of_row(
    board: Board, row: Reproduced, printed: Published | None, notes: Notes, *, settings: bool = False
) -> str:
    """Return the cell of notes of a row: the marks that must not be overlooked, then the numbers of the others."""
    remarks = remarks_of(row)
    told = [each.sentence for each in remarks if each.sentence]
    if not settings and (kept := {k: v for k, v in row.factors.items() if k not in board.factors}):
        told.append("settings: " + " ".join(f"{name}={text}" for name, text in kept.items()))
    if printed:
        told.append("; ".join((f"reported: {said_by(printed)}", *printed.caveats)))
    return " ".join(filter(None, ("; ".join(each.mark for each in remarks if each.mark), notes.mark(*told))))


def _oracles(board: Board, notes: Notes) -> Iterator[_Row]:
    metric, name = _headline(board)
    for row in board.oracles:
        found = row.optimism.get(ORACLE, {}).get(metric)
        yield {
            "model": row.shown,
            "run": row.run.rpartition("-")[2],
            f"{name} of the best epochs": mean_and_sd(row.headline),
            f"{name} of the last": percent(found["last"]) if found else "",
            "difference": more_than_last(row, ORACLE, metric),
            "seeds": str(len(row.seeds)),
            "notes": _notes_of_row(board, row, None, notes),
        }


def _by_dataset(board: Board, notes: Notes) -> Iterator[_Row]:
    if not board.datasets:
        return
    short = part_names(board.datasets)
    names = {"au_f1": "F1"} if board.units_alone else {"uf1": "UF1", "uar": "UAR"}

    def figures(found: Mapping[str, Mapping[str, str]]) -> _Row:
        return {
            f"{short.get(dataset, dataset)} {heading}": found.get(dataset, {}).get(name, "")
            for dataset in board.datasets
            for name, heading in names.items()
        }

    factors = board.factors if len(board.factors) <= _MOST_FACTORS else ()
    for row in board.reproduced:
        of = ", ".join(filter(None, ("reproduced", selection_mark(row.selection))))
        shown = {"model": row.shown, "of": of} | {n: row.factors.get(n, "") for n in factors}
        yield shown | figures(_shares_by_dataset(row))
    for parts in board.files:
        shown = {"model": next(iter(parts.values())).method, "of": "rescored"} | dict.fromkeys(factors, "")
        found = {part: {"uf1": percent(one.uf1), "uar": percent(one.uar)} for part, one in parts.items()}
        yield shown | figures(found)
    for each in board.published:
        if set(each.parts) & set(board.datasets):
            shown = {"model": each.first.method, "of": each.first.kind} | dict.fromkeys(factors, "")
            yield shown | figures({part: _printed_shares(board, one) for part, one in each.parts.items()})


def _shares_by_dataset(row: Reproduced) -> dict[str, dict[str, str]]:
    scores = row.scores
    if scores["classes"]:
        return {
            name: {"uf1": percent(block["uf1"]["mean"]), "uar": percent(block["uar"]["mean"])}
            for name, block in scores["per_dataset"].items()
        }
    return {
        name: {"au_f1": percent(block["f1"]["mean"])} for name, block in scores["au"]["per_dataset"].items()
    }


def _printed_shares(board: Board, row: Reported) -> dict[str, str]:
    shown = {name: printed_percent(text) for name, text in row.printed.items()}
    return {"au_f1": shown.get("uf1", "")} if board.units_alone else shown


def _rescored(board: Board, notes: Notes) -> Iterator[_Row]:
    for parts in board.files:
        if (row := parts.get(WHOLE)) is None:
            continue
        printed = board.printed_with(row)
        yield {
            "method": row.method,
            "year": str(row.year),
            "UF1": percent(row.uf1),
            "UF1 95 %": bounds(row.uf1_low, row.uf1_high),
            "UAR": percent(row.uar),
            "UAR 95 %": bounds(row.uar_low, row.uar_high),
            "macro precision": percent(row.precision),
            "UF1 reported": _with_more(printed, "uf1", row.uf1),
            "UAR reported": _with_more(printed, "uar", row.uar),
            "missing": str(row.missing or ""),
            "notes": notes.mark(f"{row.place} (sha256 {row.sha256[:12]})", row.caveat),
        }


def _reported(board: Board, notes: Notes) -> Iterator[_Row]:
    _, name = _headline(board)
    files = [parts[WHOLE] for parts in board.files if WHOLE in parts]
    for one in board.published:
        if not one.whole:
            continue
        found = board.doubts_of(one)
        others = next((each for each in files if board.printed_with(each) is one), None)
        row = next((each for each in board.reproduced if board.printed_of(each) is one), None)
        yield {
            "method": one.first.method,
            "year": str(one.first.year),
            name: _printed(one, "uf1"),
            "UAR": _printed(one, "uar"),
            "accuracy": _printed(one, "accuracy"),
            f"{name} rescored": percent(others.uf1) if others else "",
            f"{name} reproduced": mean_and_sd(row.headline) if row else "",
            "clips": str(one.whole.samples or ""),
            "by": "" if one.first.kind == "reported" else "others (re-run)",
            "doubt": _doubt_marks(found),
            "notes": notes.mark(one.first.source, *one.caveats, *map(told_of_doubt, found)),
        }


def _doubt_marks(found: Sequence[tuple[str, Doubt]]) -> str:
    """Return the kinds of doubt, each with the parts that it is of where it is not of the whole."""
    parts: dict[str, list[str]] = {}
    for part, doubt in found:
        slip = ", but for last digits" if doubt.numbers.get("slip") else ""
        parts.setdefault(f"{doubt.kind}{slip}", []).append(part)
    return "; ".join(
        kind if WHOLE in of else f"{kind} ({', '.join(each.partition('-')[0] for each in of)})"
        for kind, of in parts.items()
    )


def told_of_doubt(found: tuple[str, Doubt]) -> str:
    """Return what was found out about a row of print, with the part that it is of."""
    part, doubt = found
    return doubt.sentence if part == WHOLE else f"{part}: {doubt.sentence}"


def said_by(one: Published) -> str:
    """Return who prints something, and where."""
    return f"{one.first.method} {one.first.year}, {one.first.source}"


def reported_more(printed: Published | None, row: Reproduced, figure: str = "uf1") -> float | None:
    """Return how much more is printed than was reproduced; None where the clips are not the published ones."""
    block = row.uar if figure == "uar" else row.headline
    return None if row.cohort_differs or block is None else more_in_print(printed, figure, block["mean"])


def more_in_print(printed: Published | None, figure: str, own: float | None) -> float | None:
    """Return how much more is printed than a figure of one's own; None where one is not known."""
    told = printed.whole.figure(figure) if printed and printed.whole else None
    return None if told is None or own is None else told - own


def _with_more(printed: Published | None, figure: str, own: float) -> str:
    more = more_in_print(printed, figure, own)
    return "" if more is None else f"{_printed(printed, figure)} ({points(more)})"


def _headline(board: Board) -> tuple[Measured, str]:
    return ("uf1", "UF1") if not board.units_alone else ("au_f1", "mean F1")


def _printed(one: Published | None, figure: str) -> str:
    return printed_percent(one.whole.printed.get(figure, "")) if one and one.whole else ""


def more_than_last(row: Reproduced, rule: str, metric: Measured) -> str:
    """Return in points what a rule got more than the last epoch, with its bounds; nothing where it is not known."""
    found = row.optimism.get(rule, {}).get(metric)
    if not found or found["difference"] is None:
        return ""
    told = point_bounds(found["low"], found["high"])
    return points(found["difference"]) + (f" ({told})" if told else "")

"""A study's rows as text: made once, for a terminal, Markdown, CSV and LaTeX.

    table = study_table(results)        # columns and rows; shares in percent, differences in points

Blank is what is not known: a deviation of one seed, the reference's difference to itself, parameters of an SVM.
"""

from __future__ import annotations

from collections.abc import Collection

from mebench.models.setting_text import setting_text
from mebench.scoring.compared import PairedScore
from mebench.scoring.comparison_tables import p_text
from mebench.scoring.schema import Spread
from mebench.scoring.tables import METRIC_NAMES, Table, percent
from mebench.scoring.typeset import point_bounds, points
from mebench.study.results import Results, Row


def study_table(found: Results) -> Table:
    """Return the table of a study: a column a factor where several vary, and only columns that hold something."""
    several = len(found.factors) > 1
    metric = METRIC_NAMES[found.metric]
    columns: dict[str, list[object]] = {}
    if not found.factors:
        columns["axis"] = [row.axis for row in found.rows]
    columns["variant"] = [row.name for row in found.rows]
    figures: dict[str, list[object]] = {
        "UF1": [_spread(row.uf1) for row in found.rows],
        "UAR": [_spread(row.uar) for row in found.rows],
        "AU F1": [_spread(row.au_f1) for row in found.rows],
        f"{metric} difference": [_difference(row) for row in found.rows],
        "95 % interval": [_interval(row.difference) for row in found.rows],
        "p (Holm)": [p_text(row.p_holm) for row in found.rows],
        "parameters": [amount(row.cost.parameters) for row in found.rows],
        "FLOPs": [amount(row.cost.flops) for row in found.rows],
        "s/fold": [_seconds(row.fold_seconds) for row in found.rows],
    }
    if several:
        for name, heading in factor_headings(found, {"variant", *figures}).items():
            columns[heading] = [setting_text(row.factors[name]) for row in found.rows]
    columns |= {name: cells for name, cells in figures.items() if any(cells)}
    return Table(
        found.title,
        tuple(columns),
        list(zip(*columns.values(), strict=True)),
        tuple(n for n in figures if n in columns),
    )


def study_notes(found: Results) -> list[str]:
    """Return what stands under the table, a sentence each."""
    metric = METRIC_NAMES[found.metric]
    seeds = (
        f"{len(found.seeds)} training seeds ({', '.join(map(str, found.seeds))}), mean ± sd"
        if len(found.seeds) > 1
        else (f"training seed {found.seeds[0]} alone: how much chance in training moves a score is not known")
    )
    lines = [
        f"scores are pooled over all folds, in percent; {seeds}",
        f"differences are {metric} points to the reference on the same clips; p decides whether one may be chance: it "
        "swaps predictions subject by subject, corrected by Holm for all variants; the intervals (paired bootstrap "
        "over subjects) are not corrected, and may leave out 0 where p is above .05",
    ]
    if any(row.cost.flops for row in found.rows):
        lines.append(
            "FLOPs: operations of the network for one clip, a multiplication and an addition are two"
        )
    for problem in dict.fromkeys(row.problem for row in found.failed):
        names = [row.name for row in found.failed if row.problem == problem]
        lines.append(f"no scores for {'; '.join(names)}: {problem}")
    return [*lines, *found.notes]


def factor_headings(found: Results, taken: Collection[str]) -> dict[str, str]:
    """Return the heading of each factor's column: its name, or one beside those that other columns have."""
    return {name: f"{name} (setting)" if name in taken else name for name in found.factors}


def amount(value: int | None) -> str:
    """Return a large count in three digits, as parameters and operations are told.

    >>> amount(2847316)
    '2.85 M'
    """
    if value is None:
        return ""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 0.9995 * size:
            return f"{value / size:.3g} {unit}" if value < 999.5 * size else f"{value / size:.0f} {unit}"
    return str(value)


def _spread(found: Spread | None) -> str:
    return "" if found is None else percent(found["mean"], found["sd"])


def _difference(row: Row) -> str:
    return points(row.difference["difference"]) if row.difference else ""


def _interval(found: PairedScore | None) -> str:
    return "" if found is None else point_bounds(found["low"], found["high"])


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"

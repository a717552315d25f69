"""Runs compared, as rows of text: which runs, how they differ, what other seeds say, and which answers changed.

    for table in comparison_tables(compare_runs([one, other])): print(table.title, table.columns, table.rows)

Differences are in percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mebench.models.setting_text import in_words
from mebench.scoring.changed import in_short
from mebench.scoring.compared import SeedLevel
from mebench.scoring.compared_runs import ComparedPair, Comparison
from mebench.scoring.tables import METRIC_NAMES, Table, percent, run_marks
from mebench.scoring.tie_groups import LEVEL

_SHOWN = ("uf1", "uar", "au_f1")


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Return the tables of runs, of differences (from three runs on, as a matrix too) and of answers that changed."""
    seeds = [_over_seeds(comparison)] if any(pair["over_seeds"] for pair in comparison["pairs"]) else []
    return [
        _runs(comparison),
        *matrices(comparison),
        _differences(comparison),
        *seeds,
        _changed(comparison),
    ]


def matrices(comparison: Comparison) -> list[Table]:
    """Return a matrix a score where every two of three or more runs were compared, the best first.

    A cell is what the row's run has more than the column's, and p after Holm; a star where that is below .05.
    """
    tables = []
    for name in filter(comparison["groups"].__contains__, _SHOWN):
        groups = comparison["groups"][name]
        if len(groups) < 3:
            continue
        rows = [
            (
                run,
                _score(comparison["runs"][run].get(name)),
                groups[run],
                *(_in_matrix(comparison, name, run, other) for other in groups),
            )
            for run in groups
        ]
        metric = METRIC_NAMES[name]
        title = f"{metric}: row less column in points (p after Holm; * below {LEVEL:g})"
        tables.append(Table(title, ("", metric, "group", *groups), rows, (metric, *groups)))
    return tables


def between(comparison: Comparison, metric: str, run: str, other: str) -> tuple[float | None, float | None]:
    """Return what a run has more than another, and p after Holm; by letters, in any order."""
    for pair in comparison["pairs"]:
        if {pair["a"], pair["b"]} == {run, other}:
            score = pair["scores"][metric]
            difference = score["difference"]
            turned = difference if difference is None or pair["b"] == run else -difference
            return turned, score["holm"]
    return None, None


def clip_tables(comparison: Comparison) -> list[Table]:
    """Return a table for each pair of runs: every clip with an answer that changed."""
    return [_clips(pair) for pair in comparison["pairs"]]


def comparison_note(comparison: Comparison) -> str:
    """Return how to read the tables."""
    pairs = len(comparison["pairs"])
    several = (
        f"; p after Holm is corrected for {pairs} comparisons, each score by itself" if pairs > 1 else ""
    )
    return (
        "differences are percentage points of pooled scores over the same clips and seeds; p: swaps of two runs' "
        f"predictions subject by subject that differ as much{several}; decide by p, for an interval (over subjects) "
        f"may leave out 0 where p is above .05; a p above .05 does not show that runs are equal{_on_groups(comparison)}"
    )


def _on_groups(comparison: Comparison) -> str:
    if not any(len(groups) > 2 for groups in comparison["groups"].values()):
        return ""
    return (
        "; group: a run shares the letter of the group's best run where p after Holm is not below "
        f"{LEVEL:g}, so that the two cannot be told apart"
    )


def _runs(comparison: Comparison) -> Table:
    runs = comparison["runs"]
    shown = [name for name in _SHOWN if any(name in run for run in runs.values())]
    columns = ("", "run", "settings", "seeds", *(METRIC_NAMES[name] for name in shown), "data")
    rows = [
        (
            letter + (" (reference)" if letter == comparison["reference"] else ""),
            run["run"],
            _settings(run),
            ",".join(map(str, run["seeds"])),
            *(_score(run.get(name)) for name in shown),
            _marks(run),
        )
        for letter, run in runs.items()
    ]
    return Table("Runs", columns, rows, tuple(METRIC_NAMES[name] for name in shown))


def _differences(comparison: Comparison) -> Table:
    several = len(comparison["pairs"]) > 1
    rows: list[Sequence[object]] = []
    for pair in comparison["pairs"]:
        for name in filter(pair["scores"].__contains__, _SHOWN):
            score = pair["scores"][name]
            low, high = points(score["low"]), points(score["high"])
            rows.append(
                (
                    _pair(pair),
                    METRIC_NAMES[name],
                    points(score["difference"]),
                    f"{low} to {high}" if low else "",
                    p_text(score["p"]),
                    *((p_text(score["holm"]),) if several else ()),
                )
            )
    right = ("difference", "95 % interval", "p", "p after Holm")
    columns = ("", "score", *(right if several else right[:3]))
    return Table("Differences", columns, rows, right)


def _in_matrix(comparison: Comparison, metric: str, run: str, other: str) -> str:
    difference, p = between(comparison, metric, run, other)
    if difference is None:
        return ""
    return f"{points(difference)} ({p_text(p)}){'*' if p is not None and p < LEVEL else ''}"


def _over_seeds(comparison: Comparison) -> Table:
    rows: list[Sequence[object]] = []
    for pair in comparison["pairs"]:
        for name in filter(pair["over_seeds"].__contains__, _SHOWN):
            rows.append((_pair(pair), METRIC_NAMES[name], *seed_cells(pair["over_seeds"][name])))
    right = ("first better", "95 % interval")
    title = "Training seeds too (share of pairs of trainings; interval over other subjects and other seeds)"
    return Table(title, ("", "score", *right), rows, right)


def seed_cells(told: SeedLevel) -> tuple[str, str]:
    """Return in how many pairs of trainings the second run scores more, and the bounds of the difference in points."""
    low, high = points(told["low"]), points(told["high"])
    return (
        "" if told["better"] is None else f"{100 * told['better']:.0f} %",
        f"{low} to {high}" if low else "",
    )


def _changed(comparison: Comparison) -> Table:
    rows: list[Sequence[object]] = []
    for pair in comparison["pairs"]:
        changed = pair["changed"]
        by = {"all": changed, **changed["per_class"], **changed["per_unit"], **changed["per_dataset"]}
        rows += [
            (_pair(pair), name, tally["answers"], tally["gained"], tally["lost"])
            for name, tally in by.items()
        ]
    first = comparison["pairs"][0]
    seeds = ", each seed's" if any(len(pair["seeds"]) > 1 for pair in comparison["pairs"]) else ""
    means = f"{_pair(first)}: gained are right in {first['b']} alone, lost in {first['a']} alone"
    title = f"Changed answers{seeds} ({means})"
    right = ("answers", "gained", "lost")
    return Table(title, ("", "of", *right), rows, right)


def _clips(pair: ComparedPair) -> Table:
    clips = pair["changed"]["clips"]
    units = any(clip["unit"] for clip in clips)
    rows = [
        (
            _change(clip),
            clip["clip"],
            *((clip["unit"],) if units else ()),
            clip["truth"],
            in_short(clip["a"]),
            in_short(clip["b"]),
        )
        for clip in sorted(clips, key=lambda clip: clip["lost"] - clip["gained"])
    ]
    columns = ("change", "clip", *(("unit",) if units else ()), "truth", pair["a"], pair["b"])
    return Table(f"{_pair(pair)}: clips whose answer changed", columns, rows)


def _change(clip: Mapping[str, Any]) -> str:
    kinds = [
        f"{name} {clip[name]}" if len(clip["a"]) > 1 else name for name in ("gained", "lost") if clip[name]
    ]
    return ", ".join(kinds)


def _pair(pair: ComparedPair) -> str:
    return f"{pair['b']} - {pair['a']}"


def _score(scored: Mapping[str, Any] | None) -> str:
    return "" if scored is None else percent(scored["mean"], scored["sd"])


def _settings(run: Mapping[str, Any]) -> str:
    settings = in_words(dict(sorted(run["changed_settings"].items())), " ")
    return " ".join(filter(None, (run["label"], settings)))


def _marks(run: Mapping[str, Any]) -> str:
    """Return what must not be overlooked of a run's data and training."""
    return ", ".join(("SYNTHETIC" if run["synthetic"] else "real", *run_marks(run)))


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points, with its sign; nothing where it is not known."""
    return "" if value is None else f"{100 * value + 0.0:+.2f}"


def p_text(value: float | None) -> str:
    """Return a p-value with as many digits as tell it from 0 and from .05."""
    if value is None:
        return ""
    return f"{value:.3f}" if value >= 0.0995 else f"{value:.4f}"

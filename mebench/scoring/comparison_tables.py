"""Runs compared, as rows of text: which runs, how they differ, and which answers changed.

    for table in comparison_tables(compare_runs([one, other])): print(table.title, table.columns, table.rows)

Differences are in percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mebench.models.setting_text import in_words
from mebench.scoring.changed import in_short
from mebench.scoring.compared_runs import ComparedPair, Comparison
from mebench.scoring.tables import METRIC_NAMES, Table, percent, run_marks

_SHOWN = ("uf1", "uar", "au_f1")


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Return the tables of runs, of differences and of answers that changed."""
    return [_runs(comparison), _differences(comparison), _changed(comparison)]


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
        "may leave out 0 where p is above .05; a p above .05 does not show that runs are equal"
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

"""Runs compared in a notebook.

found = mebench.compare(run, "ststnet-1a2b3c4d", reference=run)
found.differences       # a DataFrame: pair, score, difference, low, high, p, holm
found.clips
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mebench.display.tables import Shown
from mebench.errors import MebenchError
from mebench.notebook.runs import Folder, Run, open_run
from mebench.scoring.changed import Tally
from mebench.scoring.compared_runs import Comparison, compare_runs
from mebench.scoring.comparison_tables import comparison_note, comparison_tables
from mebench.scoring.tables import Table


def compare(
    *which: Run | Folder, reference: Run | Folder | None = None, runs: Folder = "runs"
) -> RunComparison:
    """Compare runs of the same clips, as ``mebench compare`` does: may their difference be chance?

    Args:
        which: two or more, as :func:`mebench.run` and :func:`mebench.open_run` give them, or names below ``runs``.
        reference: compare each with this one alone, instead of every two of them.
        runs: the folder of the runs' records.

    Raises:
        MebenchError: one of two runs is not complete, one is named twice, or two have other clips or labels.
    """
    opened = [_opened(each, runs) for each in which]
    origin = None if reference is None else _opened(reference, runs).directory
    return RunComparison(compare_runs([run.directory for run in opened], reference=origin))


@dataclass(frozen=True, repr=False)
class RunComparison(Shown):
    """Runs compared. ``result`` is all of it, as ``mebench compare --json`` prints it; a run goes by its letter."""

    result: Comparison

    @property
    def runs(self) -> pd.DataFrame:
        """Return one row a run, by letter: what it is, and its mean scores (``uf1, uar, accuracy, au_f1``)."""
        scores = ("uf1", "uar", "accuracy", "au_f1")
        rows = {
            letter: {
                **{name: value for name, value in run.items() if name not in scores},
                **{name: run[name]["mean"] for name in scores if name in run},
            }
            for letter, run in self.result["runs"].items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def differences(self) -> pd.DataFrame:
        """Return one row for each pair and score: ``first, second, score, a, b, difference, low, high, p, holm``.

        ``difference`` is what ``second`` has more, as a share; ``a`` and ``b`` are both scores over common seeds.
        """
        return pd.DataFrame(
            [
                {"first": pair["a"], "second": pair["b"], "score": name, **score}
                for pair in self.result["pairs"]
                for name, score in pair["scores"].items()
            ]
        )

    @property
    def changed(self) -> pd.DataFrame:
        """Return counts of answers that ``second`` alone has right (``gained``), or ``first`` (``lost``).

        One row for each pair and class, action unit or dataset: ``first, second, by, name, answers, gained, lost``.
        """
        rows: list[dict[str, Any]] = []
        for pair in self.result["pairs"]:
            changed = pair["changed"]
            parts = {
                "class": changed["per_class"],
                "unit": changed["per_unit"],
                "dataset": changed["per_dataset"],
            }
            kinds: list[tuple[str, str, Tally]] = [("all", "", changed)]
            kinds += [(by, name, tally) for by, part in parts.items() for name, tally in part.items()]
            for by, name, tally in kinds:
                counts = {key: tally[key] for key in ("answers", "gained", "lost")}  # type: ignore[literal-required]
                rows.append({"first": pair["a"], "second": pair["b"], "by": by, "name": name, **counts})
        return pd.DataFrame(rows)

    @property
    def clips(self) -> pd.DataFrame:
        """Return one row for each pair and clip whose answer changed; ``a`` and ``b`` are what each seed told."""
        rows = [
            {"first": pair["a"], "second": pair["b"], **clip}
            for pair in self.result["pairs"]
            for clip in pair["changed"]["clips"]
        ]
        columns = ["first", "second", "clip", "unit", "truth", "a", "b", "gained", "lost"]
        return pd.DataFrame(rows, columns=columns)

    def _title(self) -> str:
        runs = self.result["runs"].values()
        return (
            " and ".join(dict.fromkeys(str(run["protocol"]) for run in runs)) + f": {len(runs)} runs compared"
        )

    def _tables(self) -> list[Table]:
        return comparison_tables(self.result)

    def _note(self) -> str:
        return "; ".join((*self.result["notes"], comparison_note(self.result)))


def _opened(given: Any, runs: Folder) -> Run:
    if isinstance(given, Run):
        return given
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        raise MebenchError("give runs to compare one by one, as in mebench.compare(*several)")
    return open_run(given, runs=runs)

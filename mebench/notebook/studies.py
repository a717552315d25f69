"""Sweeps and ablations in a notebook.

found = mebench.ablate("famnet", cohort, axes=["attention", "fusion"], seeds=[0, 1, 2])
found.frame             # a DataFrame: a row a variant, its scores, the difference to the reference, p, costs
found.write("ablation")
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pandas as pd

from mebench.data.locations import Place
from mebench.display.study_view import SilentStudyView, study_view
from mebench.display.tables import Shown
from mebench.errors import MebenchWarning
from mebench.notebook.cohort import OpenCohort, given_cohort
from mebench.notebook.installed import installed
from mebench.notebook.named import naming
from mebench.notebook.runs import Folder, options_of
from mebench.plugin.loading import Plugins
from mebench.plugin.local_file import refuse_while_imported
from mebench.scoring.tables import Table
from mebench.study.figures import study_figures
from mebench.study.results import Results, Row, results_of
from mebench.study.table import study_notes, study_table
from mebench.study.variants import Study, ablation_of, sweep_of
from mebench.study.work import check_study, failed_variants, run_study
from mebench.study.written import refuse_unwritable, write_study

if TYPE_CHECKING:
    from mebench.plugin.metadata import Unpack


class StudyOptions(TypedDict, total=False):
    """Keywords of :func:`mebench.run`, which hold for every variant."""

    preset: str | None
    set: Mapping[str, Any] | Sequence[str]
    seeds: int | Iterable[int]
    folds: int | str | Sequence[str] | None
    workers: int
    threads: int
    device: str
    precision: str
    fast: bool
    runs: Folder
    shuffle_labels: bool
    progress: bool
    data: Place | Mapping[str, Place] | None
    annotations: Folder | None
    synthetic: bool
    repairs: bool
    allow_dropped: bool
    fresh: bool
    executor: str
    trackers: str | Sequence[str]
    selection: str
    fold_timeout: float
    require_isolation: bool


# Keywords that say how to run, and neither what nor on which data.
_HOW = (
    *(
        "runs",
        "seeds",
        "folds",
        "workers",
        "threads",
        "device",
        "precision",
        "fast",
        "shuffle_labels",
        "allow_dropped",
    ),
    *("fresh", "executor", "trackers", "selection", "fold_timeout", "require_isolation"),
)


def sweep(
    model: str,
    cohort: OpenCohort | str,
    grid: Mapping[str, Sequence[Any]] | Sequence[str],
    **options: Unpack[StudyOptions],
) -> StudyResults:
    """Run every combination of some settings, as ``mebench sweep`` does: the same call goes on where it stopped.

    A variant that fails is named in a warning, and the others are there.

    Args:
        model: its registered name, or a class in a file, ``"models/tiny.py:Tiny"``.
        cohort: an open one, or a protocol's name.
        grid: settings and lists of their values, or texts ``setting=value,value``.
        options: keywords of :func:`mebench.run`, for every variant.

    Raises:
        MebenchError: a name or value is wrong, or no variant could be run.
    """
    refuse_while_imported("mebench.sweep")
    plugins, given = installed(), _checked(options)
    return _carried_out(
        plugins, sweep_of(plugins, model, grid, **_asked(model, cohort, given)), cohort, given
    )


def ablate(
    model: str, cohort: OpenCohort | str, *, axes: str | Iterable[str] = (), **options: Unpack[StudyOptions]
) -> StudyResults:
    """Run the ablations that a model's plugin declares, or some ``axes`` of them, as ``mebench ablate`` does.

    Arguments, errors and warnings are those of :func:`sweep`.
    """
    refuse_while_imported("mebench.ablate")
    plugins, given = installed(), _checked(options)
    chosen = [axes] if isinstance(axes, str) else axes
    return _carried_out(
        plugins, ablation_of(plugins, model, chosen, **_asked(model, cohort, given)), cohort, given
    )


@dataclass(frozen=True, repr=False)
class StudyResults(Shown):
    """What a study found. ``result`` is all of it, as ``--json`` prints it."""

    result: Results

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return one row a variant; see :class:`mebench.study.results.Row`."""
        return self.result.rows

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row a variant: what differs, scores as shares, difference with bounds and p, costs, run."""
        return pd.DataFrame([study_figures(self.result, row) for row in self.rows])

    def write(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write the table as Markdown, CSV and LaTeX, and draw the differences; return the files.

        Raises:
            MebenchError: the disk refuses.
        """
        refuse_unwritable(Path(folder))
        return write_study(self.result, Path(folder))

    def _title(self) -> str:
        return self.result.title

    def _tables(self) -> list[Table]:
        table = study_table(self.result)
        return [Table("", table.columns, table.rows, table.right)]

    def _note(self) -> str:
        return "; ".join(study_notes(self.result))


def _checked(options: StudyOptions) -> dict[str, Any]:
    if unknown := sorted({*options} - {*StudyOptions.__annotations__}):
        raise TypeError(
            f"{unknown[0]!r} is no keyword of a study: it takes those of mebench.run but save_models and folds_together"
        )
    return {**options}


def _asked(model: str, cohort: OpenCohort | str, given: Mapping[str, Any]) -> dict[str, Any]:
    return naming(
        model,
        cohort,
        preset=given.get("preset"),
        set=given.get("set", ()),
        synthetic=given.get("synthetic", False),
        progress=given.get("progress", True),
    )


def _carried_out(
    plugins: Plugins, study: Study, cohort: OpenCohort | str, given: Mapping[str, Any]
) -> StudyResults:
    progress = given.get("progress", True)
    options = options_of(**{name: given[name] for name in _HOW if name in given})
    check_study(plugins, study, options)
    opened = given_cohort(
        cohort,
        data=given.get("data"),
        annotations=given.get("annotations"),
        synthetic=given.get("synthetic", False),
        repairs=given.get("repairs", True),
        allow_dropped=given.get("allow_dropped", False),
        progress=progress,
    ).definition
    with study_view() if progress else nullcontext(SilentStudyView()) as view:
        ended = run_study(plugins, study, opened, options, view)
        found = results_of(study, ended, opened, options.seeds, view.features)
    if problem := failed_variants(ended):
        warnings.warn(problem, MebenchWarning, stacklevel=3)
    return StudyResults(found)

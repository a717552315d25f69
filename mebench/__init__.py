"""mebench: what a micro-expression recognition model is really worth.

    import mebench
    cohort = mebench.open_cohort("casme3-4c", synthetic=True)
    run = mebench.run("famnet", cohort, preset="small")
    run.scores["uf1"]["mean"]

Names are resolved on first use, so that ``import mebench`` costs nothing. Those for plugin authors are in
:mod:`mebench.api`.
"""

from __future__ import annotations

# Type checkers take this name for true; importing typing would take longer than all the rest.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from mebench import api
    from mebench.errors import MebenchError, MebenchWarning
    from mebench.notebook.cohort import CohortFeatures, OpenCohort, open_cohort
    from mebench.notebook.comparing import RunComparison, compare
    from mebench.notebook.fitting import fit
    from mebench.notebook.runs import Run, Runs, open_run, run, runs
    from mebench.notebook.scoring import OutsideScore, score
    from mebench.notebook.studies import StudyResults, ablate, sweep

__version__ = "0.1.0"

# What type checkers see above, at run time; a test holds the lists together.
_HOMES = {
    "mebench.errors": ("MebenchError", "MebenchWarning"),
    "mebench.notebook.cohort": ("CohortFeatures", "OpenCohort", "open_cohort"),
    "mebench.notebook.comparing": ("RunComparison", "compare"),
    "mebench.notebook.fitting": ("fit",),
    "mebench.notebook.runs": ("Run", "Runs", "open_run", "run", "runs"),
    "mebench.notebook.scoring": ("OutsideScore", "score"),
    "mebench.notebook.studies": ("StudyResults", "ablate", "sweep"),
}

__all__ = [
    "CohortFeatures",
    "MebenchError",
    "MebenchWarning",
    "OpenCohort",
    "OutsideScore",
    "Run",
    "RunComparison",
    "Runs",
    "StudyResults",
    "__version__",
    "ablate",
    "api",
    "compare",
    "fit",
    "open_cohort",
    "open_run",
    "run",
    "runs",
    "score",
    "sweep",
]


def __getattr__(name: str) -> Any:
    import importlib

    if name == "api":
        return importlib.import_module("mebench.api")
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'mebench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})

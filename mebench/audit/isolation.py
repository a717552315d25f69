"""(j) The fold's process must be kept from all that is not its own, and what kept it must be known.

A plugin's settings and inputs are made in the main process, whose files are open to it; made anew under the seal they
must be the same.
"""

from __future__ import annotations

from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.models.base import assigned_in, settings_values
from mebench.runner.jobs import Failure, FoldResult
from mebench.sealed.in_force import is_full

REMADE = "mebench.audit.remade:Remade"


def isolation(case: Case) -> Finding:
    """Return whether the first fold ran in full isolation, and the main process sent it nothing but what it may."""
    entry, settings = case.prepared.entry, case.prepared.model.settings
    values = settings_values(settings)
    said = {name: values[name] for name in assigned_in(settings)}
    remade = case.through(REMADE, {"given": {**entry.settings, **said}, "inputs": case.cohort.ready is None})
    return judged(case.plain.isolation, remade)


def judged(found: str, remade: FoldResult | Failure) -> Finding:
    """Return the finding of what was in force, as the seal tells it, and of what was made under it."""
    figures = {"isolation": found}
    if isinstance(remade, Failure):
        return Finding("j", False, f"{found}; {remade.reason}", figures)
    if is_full(found):
        return Finding("j", True, f"{found}; settings and inputs made under it are the same", figures)
    return Finding(
        "j",
        False,
        f"{found}: a fold's process is not kept from all files and the network here, so that the other checks are all "
        "there is; docs/isolation.md says what it takes",
        figures,
    )

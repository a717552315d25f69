"""(j) The fold's process must be kept from all that is not its own, and what kept it must be known."""

from __future__ import annotations

from mebench.audit.case import Case
from mebench.audit.finding import Finding


def isolation(case: Case) -> Finding:
    """Return whether the first fold ran in full isolation, by what its own process found in force."""
    return judged(getattr(case.plain, "isolation", "none"))


def judged(found: str) -> Finding:
    """Return the finding of what was in force, as :func:`mebench.sealed.seal.apply` tells it."""
    figures = {"isolation": found}
    if "landlock" in found and "netns" in found:
        return Finding("j", True, found, figures)
    return Finding(
        "j",
        False,
        f"{found}: a fold's process is not kept from all files and the network here, so that the checks above are "
        "all there is; docs/isolation.md says what it takes",
        figures,
    )

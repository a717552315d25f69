"""A model as a notebook names it: what ``mebench.run`` and its like are given, as the core takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mebench.display.progress import plain_line
from mebench.errors import MebenchError
from mebench.notebook.cohort import OpenCohort


def naming(
    model: str,
    cohort: OpenCohort | str,
    *,
    preset: str | None,
    set: Mapping[str, Any] | Sequence[str],
    synthetic: bool,
    progress: bool,
) -> dict[str, Any]:
    """Return keywords of :func:`mebench.runner.named.named_model`: on a drawn cohort a trial is made, and said.

    Raises:
        MebenchError: ``model`` is no name, but a class, say.
    """
    if not isinstance(model, str):
        raise MebenchError(
            f"{model!r} is no model's name: a class of your own is run from its file, where workers find it, as in "
            "mebench.run('tiny.py:Tiny', ...)"
        )

    def tell(applied: str) -> None:
        if progress:
            plain_line(f"synthetic: {applied}; preset='none' for none")

    drawn = synthetic or (isinstance(cohort, OpenCohort) and cohort.drawn)
    return {"preset": preset, "settings": set, "trial": drawn, "tell": tell}

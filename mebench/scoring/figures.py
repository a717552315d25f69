"""The pooled figures among scores, by the names that tables and logs give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.scoring.schema import Scored


def figures_of(scores: Mapping[str, Any]) -> dict[str, Scored]:
    """Return by name what there is of ``uf1``, ``uar``, ``accuracy``, ``au_f1`` and ``au_f1_macro``.

    Args:
        scores: those of a run (:class:`mebench.scoring.schema.Scores`), or of one of its datasets.
    """
    found = {name: scores[name] for name in ("uf1", "uar", "accuracy") if name in scores}
    units = scores.get("au", {})
    return found | {f"au_{name}": units[name] for name in ("f1", "f1_macro") if name in units}

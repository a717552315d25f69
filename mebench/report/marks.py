"""What must not be overlooked beside a run's figures: words that stand loud at the top of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mebench.models.epoch_rules import ORACLE
from mebench.scoring.tables import local_mark, speed_mark
from mebench.scoring.trust import trust_marks


@dataclass(frozen=True)
class Mark:
    """A word and the sentence that says what it means for the figures."""

    word: str
    meaning: str


def marks_of(run: Mapping[str, Any], scores: Mapping[str, Any] | None, missing: int = 0) -> list[Mark]:
    """Return the marks of a run as ``run.json`` describes it, of whose folds so many are missing."""
    found = []
    if missing:
        found.append(
            Mark("INCOMPLETE", f"{missing} fold(s) have no record that counts, so there is no score.")
        )
    if run["synthetic"]:
        found.append(
            Mark(
                "SYNTHETIC",
                "The faces are drawn by code. These figures say nothing of real micro-expressions.",
            )
        )
    if run["shuffled_labels"]:
        found.append(
            Mark(
                "LABELS SHUFFLED",
                "The training labels were shuffled, as a check. A sound benchmark shows chance.",
            )
        )
    if run["selection"] == ORACLE:
        found.append(
            Mark(
                "ORACLE",
                "Each fold's epoch was chosen on its test clips. These figures are too high to measure the model by.",
            )
        )
    if run["subject_dependent"]:
        found.append(
            Mark("SUBJECT-DEPENDENT", "Training and test share subjects. People are recognised, too.")
        )
    if run["cohort"]["differences"] or run["cohort"]["dropped_for_faults"]:
        found.append(
            Mark(
                "OTHER CLIPS",
                "The cohort is not the published one (see Provenance), so figures of others do not compare.",
            )
        )
    if local := local_mark(run["local_code"]):
        found.append(Mark(local, "The model is somebody's file. No package gives it."))
    if fast := speed_mark(run["precision"]):
        found.append(Mark("FAST KERNELS", f"{fast.partition(': ')[2].capitalize()}."))
    for each in trust_marks(scores or {}):
        word, _, rest = each.partition(" ")
        if word == "isolation":
            found.append(Mark(f"ISOLATION: {rest}", "Folds could reach more than their own training clips."))
        else:
            found.append(Mark(each, "A sound model's do not, so its test clips may have had a part in them."))
    return found

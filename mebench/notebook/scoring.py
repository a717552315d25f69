"""Predictions of a loop of one's own, scored on a cohort.

result = mebench.score({fold.name: fit(fold).predict_proba(x.test(fold)) for fold in cohort.folds}, cohort)
result.scores["uf1"]["mean"]
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mebench.cohort.names import spellings_of
from mebench.display.tables import Shown
from mebench.notebook.cohort import OpenCohort
from mebench.notebook.installed import installed
from mebench.notebook.runs import confusion_table
from mebench.scoring.in_memory import given_predictions
from mebench.scoring.outside_scores import TruthDiffers, classes_of, score_file, score_outside
from mebench.scoring.schema import Scores
from mebench.scoring.tables import Table, outside_title, score_note, score_tables

_NO_RUN = (
    "No recorded run: how these predictions were made, and whether the model saw its test clips, is not known here; "
    "they enter no leaderboard"
)


def score(
    predictions: str | os.PathLike[str] | pd.DataFrame | Mapping[str, Any] | np.ndarray | Sequence[Any],
    cohort: OpenCohort,
    *,
    order: str | None = None,
    form: str = "auto",
    allow_missing: bool = False,
    name: str = "own predictions",
) -> OutsideScore:
    """Score predictions that were made outside mebench, on the labels of a cohort.

    A prediction is a class's name, its number, or probabilities of all classes, of which the highest counts.

    Args:
        predictions: clip key -> prediction; fold name -> predictions in the order of ``fold.test``; a DataFrame
            with ``key`` and ``prediction`` (or ``p_NAME`` for each class), or with the columns of a file; an
            array; or a file (docs/scoring.md).
        cohort: says which clips are due and how they are labelled. It needs no pictures.
        order: what an array follows: ``clips`` (the rows of ``cohort.clips``) or ``folds`` (one after another).
        form: of a file: ``auto``, ``csv`` or ``megc``.
        allow_missing: score the others where clips are missing; the result says so.
        name: what the title calls them.

    Raises:
        MebenchError: a clip is unknown, twice or missing, or a prediction is no class; each is named.
    """
    plugins = installed()
    definition = cohort.definition
    classes_of(definition.protocol)
    if isinstance(predictions, (str, os.PathLike)):
        file = Path(predictions)
        name = file.name
        found = score_file(plugins.registry, file, definition, form=form, allow_missing=allow_missing)
    else:
        spellings = spellings_of(plugins.registry, definition.protocol)
        given = given_predictions(definition, predictions, spellings, order=order)
        found = score_outside(definition, given, allow_missing=allow_missing)
    return OutsideScore(
        name,
        cohort,
        found["scores"],
        tuple(found["missing"]),
        tuple(found["truth_differs"]),
        found["clips_due"],
    )


@dataclass(frozen=True, repr=False)
class OutsideScore(Shown):
    """Scores of predictions that no run recorded.

    ``missing`` holds the keys of clips without a prediction, of ``clips_due``; ``truth_differs`` rows whose own
    truth is not the cohort's label, which was used.
    """

    name: str
    cohort: OpenCohort
    scores: Scores
    missing: tuple[str, ...]
    truth_differs: tuple[TruthDiffers, ...]
    clips_due: int

    @property
    def recorded(self) -> bool:
        """Return False: these are scores of predictions, not of a run."""
        return False

    @property
    def confusion(self) -> pd.DataFrame:
        """Return counts of clips, rows truth, columns prediction."""
        return confusion_table(self.scores)

    def _title(self) -> str:
        title = outside_title(
            self.name,
            self.cohort.protocol.name,
            missing=len(self.missing),
            due=self.clips_due,
            synthetic=self.cohort.synthetic,
            subject_dependent=self.cohort.protocol.subject_dependent,
        )
        return f"{title} (not a recorded run)"

    def _tables(self) -> list[Table]:
        return score_tables("", {**self.scores, "seeds": []})

    def _note(self) -> str:
        differs = (
            f"; the truth given for {len(self.truth_differs)} clips is not the cohort's label, which was used"
        )
        note = score_note({**self.scores, "seeds": []})
        return f"{note}{differs if self.truth_differs else ''}. {_NO_RUN}."

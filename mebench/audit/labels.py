"""(a) Labels that no model is given must change nothing.

The fold is run twice as a run would do it, with its description and its truth on disk: once with the true labels of
the test clips, once with others. What a model predicts must be the same to the last bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mebench.audit.asking import told
from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.cohort.splits import Fold
from mebench.runner.jobs import Failure, FoldResult
from mebench.runner.probes import largest_difference


def hidden_labels(case: Case) -> Finding:
    """Return whether predictions are the same when the hidden labels are others."""
    other = case.asked_in_run(with_other_labels(case.cohort, case.first), "runs-other")
    return judged(case.first, case.plain, other)


def judged(fold: Fold, true: FoldResult, other: FoldResult | Failure) -> Finding:
    """Return the finding of a fold's two answers."""
    if isinstance(other, Failure):
        return Finding("a", False, f"{fold.name} fails when it is run once more: {other.reason}")
    clips = f"{len(fold.test)} test clips of {fold.name}"
    difference = largest_difference(true.predictions, other.predictions)
    if true.predictions.same_bytes(other.predictions):
        return Finding("a", True, f"{clips}: the same bytes", {"difference": 0.0})
    return Finding(
        "a",
        False,
        f"{clips}: predictions move by up to {told(difference)} when labels change that the model is not given; it "
        "reads them somewhere, or it is not reproducible (see d)",
        {"difference": difference},
    )


def with_other_labels(cohort: Cohort, fold: Fold) -> Cohort:
    """Return a cohort in which every test clip of a fold has the next class, and the opposite action units."""
    clips, aus, classes = cohort.clips.copy(), cohort.aus.copy(), len(cohort.protocol.classes)
    if classes:
        labels = clips["label"].to_numpy(copy=True)
        labels[fold.test] = (labels[fold.test] + 1) % classes
        clips["label"] = labels
    units = aus[fold.test]
    aus[fold.test] = np.where(units == AU_UNKNOWN, units, 1 - units)
    return replace(cohort, clips=clips, aus=aus, manifest=f"{cohort.manifest}-with-other-labels")

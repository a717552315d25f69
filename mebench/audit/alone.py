"""(f) A fold must not know what another fold learnt: memory in a file, a process or a module.

A fold is run after another one, and that one once more after it. A fold's process finds an empty home, working folder
and folder for temporary files (docs/isolation.md), and each fold must predict the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

from mebench.audit.asking import told
from mebench.audit.case import Case, Outcome
from mebench.audit.finding import Finding
from mebench.cohort.splits import Fold
from mebench.runner.jobs import Failure, FoldResult
from mebench.runner.probes import largest_difference
from mebench.scoring.trust import TOLERANCE


def folds_alone(case: Case) -> Finding:
    """Return whether two folds predict the same in both orders."""
    if case.second is None:
        return Finding("f", None, "the protocol has one fold, which can remember no other")
    pair = (case.first, case.second)
    jobs = [case.job(fold) for fold in pair]
    second, again, first = case.ask([jobs[1], jobs[1], jobs[0]], workers=1)
    return judged(pair, (case.plain, second), (first, again), exact=case.prepared.device == "cpu")


def judged(
    folds: Sequence[Fold], forth: Sequence[Outcome], back: Sequence[Outcome], *, exact: bool
) -> Finding:
    """Return the finding of two folds' answers, each worked through first and second.

    ``exact`` asks for the same bytes; what is trained on a GPU need not be reproducible that far.
    """
    names = " and ".join(fold.name for fold in folds)
    largest, same = 0.0, True
    for fold, one, other in zip(folds, forth, back, strict=True):
        for outcome in (one, other):
            if isinstance(outcome, Failure):
                return Finding(
                    "f", False, f"{fold.name} fails when the folds come in another order: {outcome.reason}"
                )
        assert isinstance(one, FoldResult)
        assert isinstance(other, FoldResult)
        same &= one.predictions.same_bytes(other.predictions)
        largest = max(largest, largest_difference(one.predictions, other.predictions))
    figures = {"difference": largest}
    if same or (not exact and largest <= TOLERANCE):
        words = "the same bytes" if same else f"the largest difference is {told(largest)}"
        return Finding("f", True, f"{names}, in both orders: {words}", figures)
    if not exact:
        return Finding(
            "f",
            None,
            f"{names}, in both orders: predictions move by up to {told(largest)}, which training on a GPU may do by "
            "itself; audit it with --device cpu",
            figures,
        )
    return Finding(
        "f",
        False,
        f"{names}: predictions move by up to {told(largest)} with the order of the folds, so that one knows what the "
        "other learnt, or it is not reproducible (see d)",
        figures,
    )

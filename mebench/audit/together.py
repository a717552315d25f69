"""(k) Of folds that train together none must know what the others learn from: its test clips' labels are among that.

Some folds train as one network, as ``mebench run --folds-together`` does it, twice: with the labels that they have, and
with others for the first fold's test clips, which the others learn from. What the first fold predicts must be the same.
No seal keeps folds of one process from each other, so that here code is all that can be asked.
"""

from __future__ import annotations

from dataclasses import replace

from mebench.audit.asking import told
from mebench.audit.case import Case, Outcome
from mebench.audit.finding import Finding
from mebench.audit.labels import with_other_labels
from mebench.runner.jobs import Failure, FoldResult
from mebench.runner.probes import largest_difference
from mebench.runner.together.executor import TogetherExecutor
from mebench.scoring.trust import TOLERANCE

# Folds that train together, the first among them.
MOST = 4


def folds_together(case: Case) -> Finding:
    """Return whether a fold predicts the same whatever the folds beside it learn of its test clips."""
    others = [fold for fold in case.cohort.folds if fold.name != case.first.name]
    folds = [case.first, *others[: MOST - 1]]
    if len(folds) < 2:
        return Finding("k", None, "the protocol has one fold, which trains with no other")
    joined = replace(case, executor=TogetherExecutor())
    answers = []
    for cohort in (case.cohort, with_other_labels(case.cohort, case.first)):
        found = joined.ask([joined.job(fold, cohort) for fold in folds], workers=len(folds))
        answers.append(found[0])
    return judged(case, len(folds) - 1, answers[0], answers[1])


def judged(case: Case, others: int, one: Outcome, other: Outcome) -> Finding:
    """Return the finding of what the first fold says beside others that learn its clips' labels, and other labels."""
    name, exact = case.first.name, case.prepared.device == "cpu"
    for outcome in (one, other):
        if isinstance(outcome, Failure):
            return Finding("k", False, f"{name} fails when it is trained with other folds: {outcome.reason}")
    assert isinstance(one, FoldResult)
    assert isinstance(other, FoldResult)
    gap = largest_difference(one.predictions, other.predictions)
    alone = largest_difference(one.predictions, case.plain.predictions)
    figures = {"difference": gap, "alone": alone}
    beside = f"{name} beside {others} fold(s)"
    if one.predictions.same_bytes(other.predictions) or (not exact and gap <= TOLERANCE):
        words = "the same bytes" if gap == 0 else f"the largest difference is {told(gap)}"
        return Finding(
            "k", True, f"{beside}: {words}; from the fold alone it is {told(alone)} apart", figures
        )
    return Finding(
        "k",
        False if exact else None,
        f"{beside}: predictions move by up to {told(gap)} when these learn other labels of its test clips"
        + (
            ", so that it knows what they learn from, or it is not reproducible (see d)"
            if exact
            else ", which training on a GPU may do by itself; audit it with --device cpu"
        ),
        figures,
    )

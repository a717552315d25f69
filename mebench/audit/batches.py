"""(b) to (e) A clip's prediction must not depend on which clips are asked for beside it, or when.

Each question is put twice: to the very model that answered before, by the process that trained it, and to a model
that is trained anew in a fresh process, which cannot remember what it said. What is trained on a GPU need not be
reproducible to 1e-4, so that there only the first counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from mebench.audit.asking import asked, told, with_foreign
from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.audit.purity import impure_input
from mebench.runner.jobs import Failure, FoldResult
from mebench.runner.probes import largest_difference
from mebench.scoring.trust import TOLERANCE

# So many clips are asked for alone by a fresh process each, and so many training clips are added to the test clips.
ALONE = 1
FOREIGN = 8

# Of each check its name among a fold's probes, and what it means where answers differ.
_MEANING = {
    "b": ("reversed", "a clip's prediction depends on its place among the test clips"),
    "c": ("alone", "the clips of a batch are used for each other, as statistics of the test batch are"),
    "d": (
        "again",
        "chance or the clock has a part in what it says: draw it from the seeds that the fold sets",
    ),
    "e": ("", "what else is asked for changes a clip's prediction, as statistics of the test batch do"),
}


def batch_checks(case: Case) -> list[Finding]:
    """Return the findings (b), (c), (d) and (e) of the first fold."""
    job, clips = case.job(case.first), len(case.first.test)
    everything = np.arange(clips)
    questions = {
        "b": [(asked(job, everything[::-1]), everything[::-1])],
        "c": [(asked(job, everything[[i]]), everything[[i]]) for i in range(min(ALONE, clips))],
        "d": [(job, everything)],
        "e": [(with_foreign(job, FOREIGN), everything)],
    }
    case.plain  # noqa: B018 - first: where it fails there is nothing to compare with
    outcomes = iter(case.ask([each for each, _ in chain.from_iterable(questions.values())]))
    found = {
        check: judged(case, check, [(places, next(outcomes)) for _, places in put])
        for check, put in questions.items()
    }
    if impure := impure_input(case):
        found["c"] = Finding("c", False, impure, found["c"].figures)
    return list(found.values())


def judged(case: Case, check: str, answers: Sequence[tuple[np.ndarray, FoldResult | Failure]]) -> Finding:
    """Return a check's finding: of what the very model said, and of what fresh ones said of clips at their places."""
    name, meaning = _MEANING[check]
    figures: dict[str, float] = {}
    if name in case.plain.probes:
        in_place = case.plain.probes[name]
        if in_place is None:
            return Finding(
                check, False, f"asked this way once it had answered, {case.first.name} gave no valid answer"
            )
        figures["in place"] = in_place
    for places, outcome in answers:
        if isinstance(outcome, Failure):
            return Finding(check, False, f"asked this way, {case.first.name} fails: {outcome.reason}")
        due = case.plain.predictions.take(places)
        # Foreign clips stand behind those of the fold.
        found = outcome.predictions.take(np.arange(len(places)))
        figures["fresh"] = max(figures.get("fresh", 0.0), largest_difference(due, found))
    counting = {way: by for way, by in figures.items() if way == "in place" or case.prepared.device == "cpu"}
    if not counting:
        return Finding(
            check, None, "training on a GPU is not the same twice, and the fold was not asked in place"
        )
    largest = max(counting.values())
    words = f"the largest difference is {told(largest)} ({case.first.name}, {_ways(counting)})"
    if largest <= TOLERANCE:
        return Finding(check, True, words, figures)
    return Finding(check, False, f"{words}: {meaning}", figures)


def _ways(figures: dict[str, float]) -> str:
    if len(figures) > 1:
        return "trained anew and asked in place"
    return "trained anew" if "fresh" in figures else "asked in place"

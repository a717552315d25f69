"""What a search found that went through all and found nothing, in words: the ways that come nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from mebench.scoring.doubt.bounds import shown
from mebench.scoring.doubt.correct import correct_counts
from mebench.scoring.doubt.matrices import uf1_of
from mebench.scoring.doubt.printed import Printed
from mebench.scoring.doubt.question import MARGIN, Effort, Question, SpentError
from mebench.scoring.doubt.reach import Floats, Integers, false_at_least, false_at_most, least, most

# Ways that are gone through once more to name the nearest; beyond these the text says less.
_TOLD = 4e8


def told_search(question: Question, figures: Mapping[str, Printed]) -> str:
    """Return why no matrix answers a question that was searched wholly."""
    beside = [name for name in ("uar", "accuracy") if name in figures]
    printed = " and ".join(str(figures[name]) for name in beside)
    rows = _ways(question)
    if rows is None:
        return (
            "All ways for clips to be right were gone through by computer, and in none UF1 prints as it does."
        )
    if not len(rows):
        return _told_gap(question, figures, printed)
    if "uf1" not in figures:
        raise AssertionError("there is a matrix for every way of clips to be right")
    counts = np.array(question.counts)
    low, high = question.f1s
    at_least, at_most = least(counts, rows), most(counts, rows)
    above, below = at_least > high, at_most < low
    within = ~above & ~below
    given = f"{'gives' if len(rows) == 1 else 'give'} {printed}" if beside else "are there"
    text = [
        f"Exactly {len(rows)} {'way' if len(rows) == 1 else 'ways'} for clips of each class to be right {given}; "
        "all were gone through."
    ]
    if above.any():
        text.append(_told_end(question, rows[above], at_least[above], len(rows), largest=False))
    if below.any():
        text.append(_told_end(question, rows[below], at_most[below], len(rows), largest=True))
    if within.any():
        example = ", ".join(_told(question, rows[within][0]))
        text.append(
            f"In {_of_all(int(within.sum()), len(rows))}, such as {example}, errors that are no whole clips would "
            f"bring UF1 to {figures['uf1'].text.removeprefix('0')}; whole ones were all tried, and none does."
        )
    return " ".join(text)


def _ways(question: Question) -> Integers | None:
    """Return every way for clips to be right that has UAR and accuracy as asked; None where they are too many."""
    free = replace(question, uf1=None)
    try:
        lots = list(correct_counts(free, Effort(_TOLD)))
    except SpentError:
        return None
    rows = [row for lot in lots for row in lot]
    if len(rows) > 100_000:
        return None
    kept = [row for row in rows if question.takes_correct([int(tp) for tp in row])]
    return np.array(kept, dtype=np.int64).reshape(-1, question.classes)


def _told_end(question: Question, rows: Integers, reach: Floats, of: int, *, largest: bool) -> str:
    """Return which way comes nearest; ``reach`` is what each may reach with parts of clips."""
    side, ways = (-1 if largest else 1), len(rows)
    best: tuple[Fraction, list[int], list[int]] | None = None
    for place in np.argsort(side * reach, kind="stable"):
        if best and side * reach[place] / question.classes > side * float(best[0]) + MARGIN:
            break
        correct = [int(tp) for tp in rows[place]]
        false = (false_at_most if largest else false_at_least)(question.counts, correct)
        value = uf1_of(question.counts, correct, false)
        if best is None or side * value < side * best[0]:
            best = value, correct, false
    assert best is not None
    value, correct, false = best
    return (
        f"In {_of_all(ways, of)} UF1 is too {'small' if largest else 'large'} wherever the errors go. The nearest is "
        f"{', '.join(_told(question, correct))}: with {'/'.join(map(str, false))} false positives UF1 is "
        f"{shown(value, 6)}, and no other errors make it {'larger' if largest else 'smaller'}."
    )


def _told_gap(question: Question, figures: Mapping[str, Printed], printed: str) -> str:
    """Return that no way gives UAR (and accuracy) as printed, with the ways that come nearest to the UAR."""
    text = f"All ways for clips to be right were gone through by computer: none has {printed}."
    rows = _ways(replace(question, uar=None))
    if rows is None or not len(rows) or question.uar is None:
        return text
    values = (rows / np.array(question.counts)).mean(1)
    middle = float(figures["uar"].value)
    near = []
    for side in (values < middle, values >= middle):
        if side.any():
            row = rows[side][np.argmin(np.abs(values[side] - middle))]
            value = float((row / np.array(question.counts)).mean())
            near.append(f"UAR {shown(value, 6)} with {', '.join(_told(question, row))}")
    first, last = question.right
    right = (
        ""
        if question.accuracy is None
        else f" with {first}{f' to {last}' if last > first else ''} right clips"
    )
    return f"{text} Of the {len(rows)} ways{right} the nearest are {' and '.join(near)}."


def _of_all(ways: int, of: int) -> str:
    return "it" if ways == of == 1 else "all of them" if ways == of else f"{ways} of them"


def _told(question: Question, row: Sequence[int] | Integers) -> list[str]:
    return [f"{int(tp)} of {n}" for n, tp in zip(question.counts, row, strict=True)]

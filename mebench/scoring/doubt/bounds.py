"""Bounds that a reader can check by hand, in words and numbers.

    for text in broken_bounds(counts, figures): ...

Each bound allows more than whole clips do (parts of a clip, errors that go anywhere), so that one line of arithmetic
decides it. A figure beyond a bound cannot be; one within it may still not be, which the search finds out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import floor, sqrt

from mebench.scoring.doubt.printed import NAMES, Printed
from mebench.scoring.doubt.question import MARGIN, Question


def shown(value: Fraction | float, digits: int = 4, towards: str = ROUND_HALF_EVEN) -> str:
    """Return a share with so many digits, without the 0 before its point; a bound is rounded to its weaker side."""
    step = Decimal(1).scaleb(-digits)
    exact = Fraction(value)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(step, rounding=towards)
    return str(rounded).removeprefix("0")


def broken_bounds(counts: Sequence[int], figures: Mapping[str, Printed]) -> Iterator[str]:
    """Yield a proof for each bound that the figures break, whether they were rounded or cut off."""
    question = Question.of(counts, {name: figure.either for name, figure in figures.items()})
    if "accuracy" in figures:
        yield from _accuracy_of_whole_clips(question, figures["accuracy"])
        if question.right[0] > question.right[1]:
            return
    if "accuracy" in figures and "uar" in figures:
        yield from _accuracy_beside_uar(question, figures)
    if "uf1" in figures:
        for name in ("uar", "accuracy"):
            if name in figures:
                yield from _least_uf1(question, figures, name)
        if "uar" in figures:
            yield from _most_uf1_by_uar(question, figures)
        if "accuracy" in figures:
            yield from _most_uf1_by_accuracy(question, figures)


def _accuracy_of_whole_clips(question: Question, figure: Printed) -> Iterator[str]:
    if question.right[0] <= question.right[1]:
        return
    clips = question.clips
    below = min(floor(figure.value * clips), clips - 1)
    yield (
        f"{below} of {clips} clips are {shown(Fraction(below, clips), 6)} and {below + 1} are "
        f"{shown(Fraction(below + 1, clips), 6)}: no whole number of {clips} clips has an {figure}, rounded or cut off."
    )


@dataclass(frozen=True)
class _Corner:
    """Right clips with a sum as given, in which every class but one is right wholly or not at all."""

    whole: tuple[int, ...]
    part: int
    correct: tuple[Fraction, ...]


def _corners(counts: Sequence[int], weights: Sequence[Fraction], total: Fraction) -> Iterator[_Corner]:
    classes = range(len(counts))
    for part in classes:
        others = [each for each in classes if each != part]
        for size in range(len(counts)):
            for whole in itertools.combinations(others, size):
                left = total - sum((weights[each] * counts[each] for each in whole), Fraction(0))
                right = left / weights[part]
                if 0 <= right <= counts[part]:
                    correct = tuple(
                        right if each == part else Fraction(counts[each] if each in whole else 0)
                        for each in classes
                    )
                    yield _Corner(whole, part, correct)


def _least_uf1(question: Question, figures: Mapping[str, Printed], by: str) -> Iterator[str]:
    """Yield the proof that UF1 is larger than printed, by Cauchy and Schwarz at the worst corner."""
    counts, classes, clips = question.counts, question.classes, question.clips
    window = question.uar if by == "uar" else question.accuracy
    assert window is not None
    assert question.uf1 is not None
    if by == "uar":
        total = max(window.low, Fraction(0)) * classes
        weights = [Fraction(1, n) for n in counts]
        said = f"Recalls add up to at least {classes} x {shown(total / classes, 6)} = {shown(total, 6)}"
    else:
        total = Fraction(question.right[0])
        weights = [Fraction(1)] * classes
        said = f"At least {question.right[0]} of {clips} clips are right"
    corners = list(_corners(counts, weights, total))
    if not corners:
        return
    worst = min(corners, key=lambda corner: _bound_at(counts, corner))
    least = _bound_at(counts, worst) / classes
    if least <= float(question.uf1.high) + MARGIN:
        return
    used = [each for each in range(classes) if worst.correct[each]]
    never = [each for each in range(classes) if not worst.correct[each]]
    room = 2 * clips - sum(counts[each] for each in never)
    low, high = shown(least, 4, ROUND_FLOOR), shown(question.uf1.high, 6)
    roots = " + ".join(f"√{_clips(worst.correct[each])}" for each in used)
    whole = " and ".join(f"the class of {counts[each]}" for each in worst.whole) or "no class"
    yield (
        f"{said}. Let x be the clips of a class and the predictions of it together: its F1 is 2 TP / x, and all x "
        f"add up to 2 x {clips} = {2 * clips}. For any x, the sum of F1 is linear in TP, so it is least at a corner: "
        f"every class but one right wholly or not at all. Of the {len(corners)} corners the worst has {whole} right "
        f"wholly, {_clips(worst.correct[worst.part])} of the class of {counts[worst.part]}, and no other clip. "
        + (
            f"Each class without a right clip keeps its own clips in x: {2 * clips} - "
            f"{' - '.join(str(counts[each]) for each in never)} = {room} are left for the others. "
            if never
            else ""
        )
        + f"By Cauchy and Schwarz the F1 then add up to at least 2 ({roots})² / {room} = "
        f"{shown(least * classes, 4, ROUND_FLOOR)}, so UF1 is at least {low} where {NAMES[by]} "
        f"prints {figures[by].text.removeprefix('0')}. {figures['uf1']} stands for less than {high}."
    )


def _bound_at(counts: Sequence[int], corner: _Corner) -> float:
    room = 2 * sum(counts) - sum(n for n, tp in zip(counts, corner.correct, strict=True) if not tp)
    return float(2 * sum(sqrt(tp) for tp in corner.correct) ** 2 / room)


def _most_uf1_by_uar(question: Question, figures: Mapping[str, Printed]) -> Iterator[str]:
    assert question.uar is not None
    assert question.uf1 is not None
    recall = min(question.uar.high, Fraction(1))
    most = 2 * recall / (1 + recall)
    if most >= question.uf1.low:
        return
    bound, low = shown(most, 4, ROUND_CEILING), shown(question.uf1.low, 6)
    yield (
        f"With recall r, a class has an F1 of at most 2 r / (1 + r), which it has where nothing else is called so. "
        f"The mean of that over the classes is largest where all recalls are alike (it is concave): with "
        f"{figures['uar']}, r is less than {shown(recall, 6)}, so UF1 is at most 2 x {shown(recall, 6)} / "
        f"{shown(1 + recall, 6)} = {bound}. {figures['uf1']} stands for {low} at least."
    )


def _most_uf1_by_accuracy(question: Question, figures: Mapping[str, Printed]) -> Iterator[str]:
    """Yield the proof that UF1 is smaller than printed: clips added where each brings most."""
    assert question.uf1 is not None
    counts, right = question.counts, question.right[1]
    correct = [0] * question.classes

    def more(each: int) -> Fraction:
        n, tp = counts[each], correct[each]
        return Fraction(2 * n, (n + tp) * (n + tp + 1))

    for _ in range(right):
        correct[max((each for each, n in enumerate(counts) if correct[each] < n), key=more)] += 1
    most = sum((Fraction(2 * tp, n + tp) for n, tp in zip(counts, correct, strict=True)), Fraction(0)) / len(
        counts
    )
    if most >= question.uf1.low:
        return
    ways = ", ".join(f"{tp} of {n}" for n, tp in zip(counts, correct, strict=True))
    yield (
        f"At most {right} of {question.clips} clips are right. A class with TP right clips has an F1 of at most "
        f"2 TP / (n + TP), which it has where nothing else is called so. That is concave in TP, so the sum is "
        f"largest where each right clip brings most: {ways}. UF1 is then {shown(most, 4, ROUND_CEILING)}, and "
        f"never more. {figures['uf1']} stands for {shown(question.uf1.low, 6)} at least."
    )


def _accuracy_beside_uar(question: Question, figures: Mapping[str, Printed]) -> Iterator[str]:
    assert question.uar is not None
    assert question.accuracy is not None
    counts, classes, clips = question.counts, question.classes, question.clips
    for least, window, order in (
        (True, max(question.uar.low, Fraction(0)), sorted(counts)),
        (False, min(question.uar.high, Fraction(1)), sorted(counts, reverse=True)),
    ):
        left, right, ways = window * classes, Fraction(0), []
        for n in order:
            part = min(left, Fraction(1))
            if part:
                ways.append(f"{_clips(part * n)} of {n}")
            right += part * n
            left -= part
        beyond = right > question.right[1] if least else right < question.right[0]
        if beyond:
            yield (
                f"Recalls add up to {'at least' if least else 'less than'} {classes} x {shown(window, 6)} = "
                f"{shown(window * classes, 6)}. The {'fewest' if least else 'most'} clips are right when recall lies "
                f"in the {'smallest' if least else 'largest'} classes: {', '.join(ways)}, together {_clips(right)} of "
                f"{clips}, an accuracy of {shown(right / clips)}. The printed {figures['accuracy']} is "
                f"{question.right[0]}{_to(question.right)} right clips."
            )


def _to(right: tuple[int, int]) -> str:
    return f" to {right[1]}" if right[1] > right[0] else ""


def _clips(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):.2f}"

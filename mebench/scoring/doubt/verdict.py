"""The verdict on printed figures: a matrix that gives them, or the proof that there is none.

verdict = judge((70, 51, 43), read_figures(uf1=".2000", uar=".5280"))
verdict.kind, verdict.sentence, verdict.proof       # "impossible", ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from mebench.errors import MebenchError
from mebench.scoring.doubt.bounds import broken_bounds, shown
from mebench.scoring.doubt.matrices import Matrix, figures_of, told_matrix
from mebench.scoring.doubt.printed import NAMES, Printed, windows
from mebench.scoring.doubt.question import Question
from mebench.scoring.doubt.search import EFFORT, Found, search
from mebench.scoring.doubt.searched import told_search

Kind = Literal["possible", "impossible", "undecided"]
# More clips than all databases of the field have together, and more classes than it tells apart.
_MOST_CLIPS, _MOST_CLASSES = 20_000, 12
# Of so many classes all ways for clips to be right are soon gone through.
_FEW_CLASSES = 3


@dataclass(frozen=True)
class Verdict:
    """Whether figures can be: ``sentence`` says it in one line, ``proof`` lets a reader check it.

    ``matrix`` is a confusion matrix that gives the figures, row truth, column prediction, and ``exact`` what it gives
    (UF1, UAR, accuracy and macro precision); both empty where there is none. ``manner`` says how each printed figure
    comes of it: ``rounded`` or ``truncated``. ``slip`` tells of impossible figures that they would be possible if last
    digits were one more or less.
    """

    kind: Kind
    sentence: str
    proof: str
    matrix: Matrix | None = None
    exact: Mapping[str, Fraction] = field(default_factory=dict)
    manner: Mapping[str, str] = field(default_factory=dict)
    slip: bool = False


def read_counts(counts: Sequence[int], where: str = "the class counts") -> tuple[int, ...]:
    """Return counts of classes.

    Raises:
        MebenchError: there is one class alone, one without a clip, or there are too many to search.
    """
    named = f"{where} {'/'.join(map(str, counts))}"
    if len(counts) < 2:
        raise MebenchError(f"{named}: one class has no errors; give the clips of each class, as 250,109,83")
    if min(counts) < 1:
        raise MebenchError(f"{named}: a class without clips has no recall; leave it out")
    if len(counts) > _MOST_CLASSES or sum(counts) > _MOST_CLIPS:
        raise MebenchError(
            f"{named} are {len(counts)} classes and {sum(counts)} clips: at most {_MOST_CLASSES} classes and "
            f"{_MOST_CLIPS} clips are searched"
        )
    return tuple(counts)


def judge(counts: Sequence[int], figures: Mapping[str, Printed], effort: float = EFFORT) -> Verdict:
    """Return whether a matrix with so many clips of each class has figures that print so.

    ``figures`` holds some of ``uf1``, ``uar`` and ``accuracy``. Rounding is tried first, then each figure rounded or
    cut off. ``effort`` limits the search (:data:`mebench.scoring.doubt.search.EFFORT`).

    Raises:
        MebenchError: the counts are none, or no figure is given.
    """
    counts = read_counts(counts)
    if not figures:
        raise MebenchError("no figure is given to look at: give UF1, UAR or accuracy")
    if proof := next(broken_bounds(counts, figures), ""):
        question = Question.of(counts, windows(figures, "either"))
        if "uf1" in figures and len(counts) <= _FEW_CLASSES and question.right[0] <= question.right[1]:
            proof += f" Whole clips allow less than the bound does. {told_search(question, figures)}"
        return _impossible(counts, figures, proof, effort)
    found = Found(None, None, complete=True)
    for manner in ("rounded", "either"):
        found = search(Question.of(counts, windows(figures, manner)), effort)
        if matrix := found.matrix(counts):
            return _possible(counts, figures, matrix)
        if not found.complete:
            break
    question = Question.of(counts, windows(figures, "either"))
    if found.complete:
        return _impossible(counts, figures, told_search(question, figures), effort)
    return Verdict(
        "undecided",
        f"undecided: no confusion matrix with {_sizes(counts)} clips was found for {told(figures)}, and not all were "
        "looked at",
        f"The search ended at {effort:.1e} places (give it more with --effort); {found.ways} ways for clips to be "
        "right were looked at. Neither a matrix nor a proof that there is none is known.",
    )


def told(figures: Mapping[str, Printed]) -> str:
    """Return printed figures in words."""
    named = [str(figures[name]) for name in NAMES if name in figures]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _impossible(counts: Sequence[int], figures: Mapping[str, Printed], proof: str, effort: float) -> Verdict:
    sentence = (
        f"impossible: no confusion matrix with {_sizes(counts)} clips has {told(figures)}, rounded or cut off"
    )
    near = search(Question.of(counts, windows(figures, "slipped")), effort)
    if matrix := near.matrix(counts):
        gives = _gives(figures_of(matrix), figures)
        return Verdict(
            "impossible",
            f"{sentence}; it would be possible if last digits were one more or less",
            f"{proof} If last digits were one more or less, the matrix {told_matrix(matrix)} would do, with {gives}.",
            slip=True,
        )
    beyond = "; nor would one more or less in last digits do" if near.complete else ""
    return Verdict("impossible", sentence + beyond, proof)


def _possible(counts: Sequence[int], figures: Mapping[str, Printed], matrix: Matrix) -> Verdict:
    exact = figures_of(matrix)
    manner = {name: figure.manner(exact[name]) for name, figure in figures.items()}
    ways = {*manner.values()}
    how = ways.pop() if len(ways) == 1 else ", ".join(f"{NAMES[name]} {way}" for name, way in manner.items())
    return Verdict(
        "possible",
        f"possible: a confusion matrix with {_sizes(counts)} clips has {told(figures)} ({how})",
        f"The matrix {told_matrix(matrix)} (row truth, column prediction) has {_gives(exact, figures)}.",
        matrix,
        exact,
        manner,
    )


def _sizes(counts: Sequence[int]) -> str:
    return "/".join(map(str, counts))


def _gives(exact: Mapping[str, Fraction], figures: Mapping[str, Printed]) -> str:
    return ", ".join(f"{NAMES[name]} {shown(exact[name], 6)}" for name in figures)

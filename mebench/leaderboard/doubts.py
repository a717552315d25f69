"""What reported figures give reason to doubt, row by row, each finding named as what it is and with its proof.

    found = doubts(rows, rescored, registry)
    found[1][0].kind, found[1][0].sentence, found[1][0].proof

Every row has one finding at least: that its figures are possible (with a matrix), impossible (with the proof), or why
they cannot be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from mebench.errors import MebenchError, UnknownNameError
from mebench.leaderboard.class_counts import ClassCounts, class_counts
from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rescored import Rescored
from mebench.parallel import map_processes
from mebench.plugin.registry import Registry
from mebench.scoring.doubt.matrices import Matrix, told_matrix
from mebench.scoring.doubt.precision import precision_as_uar
from mebench.scoring.doubt.printed import NAMES, Printed
from mebench.scoring.doubt.search import EFFORT
from mebench.scoring.doubt.verdict import Verdict, judge

Kind = Literal[
    "impossible",
    "undecided",
    "other-edition",
    "precision-as-uar",
    "printed-twice",
    "other-samples",
    "other-classes",
    "not-checkable",
    "possible",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of findings, the gravest first."""
# Fewer digits are alike by chance.
_TWICE = 4
# So many searches are worth processes of their own.
_MANY = 32

_Figures = dict[str, Printed]
_Question = tuple[tuple[int, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Doubt:
    """A finding on one row: ``sentence`` in one line, ``proof`` to check it by, ``matrix`` where one is its evidence.

    ``numbers`` holds what it is about in plain values: class counts, the matrix' own figures, other rows.
    """

    kind: Kind
    sentence: str
    proof: str = ""
    matrix: Matrix | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def grave(self) -> bool:
        """Tell whether it is a reason to doubt: neither possible figures nor ones that cannot be looked at."""
        return self.kind not in ("possible", "not-checkable")

    def as_plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "proof": self.proof,
            "matrix": None if self.matrix is None else told_matrix(self.matrix),
            "numbers": dict(self.numbers),
        }


def doubts(
    rows: Sequence[Reported],
    rescored: Sequence[Rescored],
    registry: Registry,
    *,
    only: str | None = None,
    workers: int = 1,
    effort: float = EFFORT,
) -> dict[int, list[Doubt]]:
    """Return the findings of every row by its place in ``rows``, the gravest first; the same rows give the same.

    ``rescored`` are the figures of published predictions, with their confusion matrices. With ``only``, rows of that
    protocol alone are looked at, still beside all others. Rows are searched in ``workers`` processes.

    Raises:
        MebenchError: a process was killed.
    """
    looked_at = {place: row for place, row in enumerate(rows) if only in (None, row.protocol)}
    counts = [_counts(registry, row) for row in looked_at.values()]
    figures = [_figures(row) for row in looked_at.values()]
    asked = [
        _asked(each.sizes, printed)
        for all_counts, printed in zip(counts, figures, strict=True)
        if not isinstance(all_counts, str) and not isinstance(printed, str)
        for each in all_counts
    ]
    verdicts = _verdicts(list(dict.fromkeys(asked)), workers, effort)
    found: dict[int, list[Doubt]] = {}
    for (place, row), declared, printed in zip(looked_at.items(), counts, figures, strict=True):
        if isinstance(declared, str) or isinstance(printed, str):
            reason = declared if isinstance(declared, str) else str(printed)
            here = [Doubt("not-checkable", f"not checkable: {reason}")]
        else:
            each = [verdicts[_asked(one.sizes, printed)] for one in declared]
            here = [_possibility(declared, each, row), *_other_samples(row, declared)]
            for other in rescored:
                if _is_of(other, row):
                    here += _of_known_matrix(declared, printed, other)
        here += _printed_twice(row, rows)
        found[place] = sorted(here, key=lambda doubt: KINDS.index(doubt.kind))
    return found


def _counts(registry: Registry, row: Reported) -> list[ClassCounts] | str:
    try:
        return class_counts(registry, row.protocol, row.part)
    except UnknownNameError:
        return f"{row.protocol} is no registered protocol, so what its classes hold is not known"
    except MebenchError as error:
        return str(error)


def _figures(row: Reported) -> _Figures | str:
    try:
        figures = {name: Printed.read(name, row.printed[name]) for name in NAMES if name in row.printed}
    except MebenchError as error:
        return str(error)
    return figures or "no figure is printed"


def _asked(sizes: tuple[int, ...], figures: _Figures) -> _Question:
    return sizes, tuple((name, figure.text) for name, figure in figures.items())


def _verdicts(asked: Sequence[_Question], workers: int, effort: float) -> dict[_Question, Verdict]:
    jobs = [(question, effort) for question in asked]
    found = map(_judged, jobs) if workers == 1 or len(jobs) < _MANY else map_processes(_judged, jobs, workers)
    return dict(zip(asked, found, strict=True))


def _judged(job: tuple[_Question, float]) -> Verdict:
    (sizes, texts), effort = job
    return judge(sizes, {name: Printed.read(name, text) for name, text in texts}, effort)


def _possibility(declared: Sequence[ClassCounts], verdicts: Sequence[Verdict], row: Reported) -> Doubt:
    first = _of_verdict(declared[0], verdicts[0], row)
    if verdicts[0].kind != "impossible":
        return first
    for counts, verdict in zip(declared[1:], verdicts[1:], strict=True):
        if verdict.kind == "possible":
            return replace(
                _of_verdict(counts, verdict, row),
                kind="other-edition",
                sentence=f"{first.sentence}; it is possible with {counts}",
                proof=f"{first.proof} With {counts}: {verdict.proof}",
            )
        told = f"nor with {counts}" if verdict.kind == "impossible" else verdict.sentence
        first = replace(
            first,
            kind=first.kind if verdict.kind == "impossible" else "undecided",
            sentence=f"{first.sentence}; {told}",
            proof=f"{first.proof} With {counts}: {verdict.proof}",
        )
    return first


def _of_verdict(counts: ClassCounts, verdict: Verdict, row: Reported) -> Doubt:
    other = "" if row.samples in (None, counts.clips) else f"; the source's {row.samples} clips are others"
    return Doubt(
        verdict.kind,
        f"{verdict.sentence}{other}",
        verdict.proof,
        verdict.matrix,
        {
            "classes": dict(counts.classes),
            "exact": {name: float(value) for name, value in verdict.exact.items()},
            "manner": dict(verdict.manner),
            "slip": verdict.slip,
        },
    )


def _other_samples(row: Reported, declared: Sequence[ClassCounts]) -> Iterable[Doubt]:
    if row.samples is None or row.samples in [each.clips for each in declared]:
        return
    yield Doubt(
        "other-samples",
        f"the source's figures are of {row.samples} clips, and {row.protocol} has "
        f"{' or '.join(map(str, declared))}{'' if row.part == WHOLE else f' on {row.part}'}",
        "Figures of other clips are no figures of this protocol: that they are possible on its counts says nothing "
        "of them, and they cannot be compared with its rows.",
        numbers={"samples": row.samples, "clips": [each.clips for each in declared]},
    )


def _is_of(rescored: Rescored, row: Reported) -> bool:
    """Tell whether published predictions are those of a reported row: its authors' own, and not somebody's re-run."""
    return row.kind == "reported" and (rescored.protocol, rescored.part, rescored.method.casefold()) == (
        row.protocol,
        row.part,
        row.method.casefold(),
    )


def _of_known_matrix(
    declared: Sequence[ClassCounts], figures: _Figures, rescored: Rescored
) -> Iterable[Doubt]:
    matrix, rows = rescored.confusion, tuple(sum(row) for row in rescored.confusion)
    whose = f"of the published predictions ({rescored.place})"
    if rows not in [each.sizes for each in declared]:
        yield Doubt(
            "other-classes",
            f"the confusion matrix {whose} is of {'/'.join(map(str, rows))} clips, and the protocol has "
            f"{' or '.join(map(str, declared))}",
            f"The matrix is {told_matrix(matrix)} (row truth, column prediction).",
            matrix,
            {"classes": list(rows)},
        )
    if found := precision_as_uar(figures, matrix):
        yield Doubt("precision-as-uar", f"{found[0]}; it is {whose}", found[1], matrix)


def _printed_twice(row: Reported, rows: Sequence[Reported]) -> Iterable[Doubt]:
    for name in NAMES:
        text = row.printed.get(name, "")
        others = [
            each
            for each in rows
            if each.protocol != row.protocol
            and each.method.casefold() == row.method.casefold()
            and each.printed.get(name, "").removeprefix("0") == text.removeprefix("0")
        ]
        if others and len(text.partition(".")[2]) >= _TWICE:
            where = "; ".join(f"{each.protocol} by {each.source}" for each in others)
            yield Doubt(
                "printed-twice",
                f"the same {NAMES[name]} {text.removeprefix('0')} of {row.method} is printed under "
                f"{' and '.join(dict.fromkeys(each.protocol for each in others))}, too",
                f"Here under {row.protocol} by {row.source}; there under {where}. Tasks of other clips and classes "
                f"seldom give the same {len(text.partition('.')[2])} digits: one is likely a copy of the other.",
                numbers={"figure": name, "protocols": [row.protocol, *(each.protocol for each in others)]},
            )

"""What ``mebench leaderboard doubt`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.text import Text

from mebench.cli.console import print_json, print_lines
from mebench.display.consoles import output, say
from mebench.leaderboard.doubts import KINDS, Doubt
from mebench.leaderboard.reported import WHOLE, Reported

_IN_WORDS = {
    "impossible": "Impossible figures",
    "undecided": "Undecided: not all was searched",
    "other-edition": "Figures that are possible under another edition of the annotations alone",
    "precision-as-uar": "Macro precision printed as UAR",
    "printed-twice": "The same digits under two protocols",
    "other-samples": "Figures of other clips than the protocol's",
    "other-classes": "Known confusion matrices of other class counts than the protocol's",
    "not-checkable": "Not checkable",
    "possible": "Possible figures",
}
_LAST = (
    "A figure that is a mean over folds or seeds, or of other clips, has no confusion matrix: impossible means that it "
    "is not what its column says, of this protocol's clips."
)


def print_doubts(rows: Sequence[Reported], found: Mapping[int, Sequence[Doubt]], *, every: bool) -> None:
    """Print findings by kind, the gravest first; those that are no reason to doubt as a line, or with ``every``."""
    for kind in KINDS:
        here = [(rows[place], doubt) for place, each in found.items() for doubt in each if doubt.kind == kind]
        if not here or (kind == "possible" and not every):
            continue
        if kind in ("not-checkable", "other-samples", "other-classes") and not every:
            told = Counter(
                f"{row.protocol}{_part(row)}: {doubt.sentence.removeprefix('not checkable: ')}"
                for row, doubt in here
            )
            lines = [f"{line} ({count} row{'s' * (count > 1)})" for line, count in told.items()]
            print_lines(f"{_IN_WORDS[kind]} ({len(here)})", lines)
            continue
        output().print(Text(f"{_IN_WORDS[kind]} ({len(here)})", "bold"))
        say("")
        for row, doubt in here:
            output().print(Text(f"{_named(row)}: {doubt.sentence}"))
            if doubt.proof:
                output().print(Text(doubt.proof, "dim"))
            say("")
    looked_at = [doubt for each in found.values() for doubt in each]
    kinds = Counter(doubt.kind for doubt in looked_at)
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    output().print(f"{len(found)} rows: {counted}")
    if kinds["possible"] and not every:
        output().print("(--all shows the rows that are possible, each with a matrix that gives its figures)")
    if kinds["impossible"]:
        output().print(_LAST)


def print_doubts_json(rows: Sequence[Reported], found: Mapping[int, Sequence[Doubt]]) -> None:
    """Print all findings of all rows for machines."""
    print_json(
        [
            {
                "protocol": rows[place].protocol,
                "part": rows[place].part,
                "method": rows[place].method,
                "year": rows[place].year,
                "printed": dict(rows[place].printed),
                "kind": rows[place].kind,
                "source": rows[place].source,
                "findings": [doubt.as_plain() for doubt in each],
            }
            for place, each in found.items()
        ]
    )


def _part(row: Reported) -> str:
    return "" if row.part == WHOLE else f", {row.part}"


def _named(row: Reported) -> str:
    return f"{row.protocol}{_part(row)}, {row.method} {row.year}"

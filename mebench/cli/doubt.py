"""``mebench doubt``: can printed figures be, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from mebench.cli.options import effort_option
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.scoring.doubt.matrices import Matrix
    from mebench.scoring.doubt.verdict import Verdict


@click.command()
@click.option("--classes", "sizes", metavar="N,N,...", help="Clips of each class, as 250,109,83.")
@click.option(
    "--protocol", "name", metavar="NAME", help="Take the clips of each class from a protocol, instead."
)
@click.option("--part", default="all", show_default=True, help="With --protocol: one dataset's part of it.")
@click.option("--uf1", metavar="SHARE", help="UF1 with the digits as printed, as .7353.")
@click.option("--uar", metavar="SHARE", help="UAR with the digits as printed.")
@click.option("--accuracy", metavar="SHARE", help="Accuracy with the digits as printed.")
@click.option(
    "--matrix",
    metavar="ROW;ROW;...",
    help="A known confusion matrix, as '3,1;2,4' (row truth, column prediction).",
)
@effort_option("")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def doubt(
    ctx: click.Context,
    sizes: str | None,
    name: str | None,
    part: str,
    uf1: str | None,
    uar: str | None,
    accuracy: str | None,
    matrix: str | None,
    effort: float,
    as_json: bool,
) -> None:
    """Say whether a confusion matrix can have these figures, with a proof.

    Give the clips of each class and the figures with all the digits that are printed: as many as there are say how
    exact they are. The answer is a matrix that gives them, or why there is none.

    \b
    mebench doubt --classes 70,51,43 --uf1 .2000 --uar .5280
    mebench doubt --protocol megc2019 --part smic --uf1 .2000 --uar .5280
    """
    from mebench.cli.console import print_json
    from mebench.scoring.doubt.matrices import read_matrix
    from mebench.scoring.doubt.precision import precision_as_uar
    from mebench.scoring.doubt.printed import Printed
    from mebench.scoring.doubt.search import EFFORT
    from mebench.scoring.doubt.verdict import judge

    texts = {"uf1": uf1, "uar": uar, "accuracy": accuracy}
    figures = {
        each: Printed.read(each, text, f"--{each}") for each, text in texts.items() if text is not None
    }
    if not figures:
        raise MebenchError("no figure is given: give --uf1, --uar or --accuracy with the digits as printed")
    known = read_matrix(matrix, "--matrix") if matrix else None
    counts = _counts(ctx, sizes, name, part, known)
    verdict = judge(counts, figures, EFFORT * effort)
    precision = precision_as_uar(figures, known) if known else None
    if as_json:
        print_json(
            {
                "classes": list(counts),
                "printed": {each: figure.text for each, figure in figures.items()},
                **_plain(verdict),
                "precision_as_uar": precision and {"sentence": precision[0], "proof": precision[1]},
                "known_matrix": known and _figures_of(known),
            }
        )
    else:
        _print(verdict, known, precision)


def _counts(
    ctx: click.Context, sizes: str | None, name: str | None, part: str, known: Matrix | None
) -> tuple[int, ...]:
    """Return the clips of each class from the option that says them.

    Raises:
        MebenchError: none or several do, they are no whole numbers, or the known matrix has others.
    """
    from mebench.scoring.doubt.verdict import read_counts

    if sizes and name:
        raise MebenchError("--classes and --protocol both say what each class holds: give one of them")
    rows = tuple(sum(row) for row in known) if known else ()
    if name:
        from mebench.cli.options import plugins_of
        from mebench.leaderboard.class_counts import class_counts

        counts = class_counts(plugins_of(ctx).registry, name, part)[0].sizes
    elif sizes:
        if part != "all":
            raise MebenchError("--part names a part of a protocol: give --protocol with it, not --classes")
        cells = [cell.strip() for cell in sizes.split(",")]
        if bad := [cell for cell in cells if not (cell.isascii() and cell.isdecimal() and len(cell) < 9)]:
            raise MebenchError(
                f"--classes {sizes!r} has {bad[0]!r}, not a whole number of clips: write it as 250,109,83"
            )
        counts = tuple(map(int, cells))
    elif rows:
        counts = rows
    else:
        raise MebenchError("what each class holds is not known: give --classes N,N,... or --protocol NAME")
    if rows and rows != counts:
        raise MebenchError(
            f"--matrix has rows of {'/'.join(map(str, rows))} clips, and the classes hold "
            f"{'/'.join(map(str, counts))}: both must be of the same clips, its rows the truth"
        )
    return read_counts(counts, "--classes" if sizes else "the class counts")


def _plain(verdict: Verdict) -> dict[str, object]:
    from mebench.scoring.doubt.matrices import told_matrix

    return {
        "kind": verdict.kind,
        "sentence": verdict.sentence,
        "proof": verdict.proof,
        "matrix": verdict.matrix and told_matrix(verdict.matrix),
        "exact": {name: float(value) for name, value in verdict.exact.items()},
        "manner": dict(verdict.manner),
        "slip": verdict.slip,
    }


def _figures_of(matrix: Matrix) -> dict[str, float]:
    from mebench.scoring.doubt.matrices import figures_of

    return {name: float(value) for name, value in figures_of(matrix).items()}


def _print(verdict: Verdict, known: Matrix | None, precision: tuple[str, str] | None) -> None:
    from rich.text import Text

    from mebench.display.consoles import output, say

    output().print(Text(verdict.sentence, "bold"))
    say("")
    output().print(Text(verdict.proof))
    if verdict.matrix:
        say("")
        print_matrix(verdict.matrix, verdict.exact)
    if known:
        say("")
        output().print(Text("the known matrix", "bold"))
        print_matrix(known, _figures_of(known))
    if precision:
        say("")
        output().print(Text(precision[0], "bold"))
        say("")
        output().print(Text(precision[1]))


def print_matrix(matrix: Matrix, exact: Mapping[str, object]) -> None:
    """Print a matrix with the sums that its figures come of, and these figures."""
    from mebench.cli.console import print_table

    classes = range(len(matrix))
    names = [str(each + 1) for each in classes]
    rows = [[f"class {name}", *row, sum(row)] for name, row in zip(names, matrix, strict=True)]
    predicted = ["predicted", *(sum(row[each] for row in matrix) for each in classes), ""]
    columns = ["truth", *names, "clips"]
    shares = ", ".join(f"{_NAMES[name]} {float(value):.6f}" for name, value in exact.items())  # type: ignore[arg-type]
    print_table(shares, columns, [*rows, predicted], right=columns[1:])


_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy", "precision": "macro precision"}

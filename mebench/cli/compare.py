"""``mebench compare RUN RUN...``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mebench.cli.options import runs_option
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.records import RunDirectory


@click.command()
@click.argument("names", metavar="RUN RUN...", nargs=-1, required=True)
@click.option(
    "--reference", metavar="RUN", help="Compare each run with this one alone, instead of every two of them."
)
@click.option("--clips", is_flag=True, help="List each clip whose answer changed.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the tables as Markdown, CSV and LaTeX, and draw the matrix of three runs or more, into this folder.",
)
@click.option(
    "--over-protocols",
    is_flag=True,
    help="Rank models over three protocols or more, from a run of each model under each protocol.",
)
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines; it has all clips.")
def compare(
    names: tuple[str, ...],
    reference: str | None,
    clips: bool,
    out: Path | None,
    over_protocols: bool,
    runs: Path,
    as_json: bool,
) -> None:
    """Say whether runs of the same clips differ, or whether it may be chance.

    RUN is a folder, or a name from `mebench list runs`. Scores are compared by swapping two runs' predictions subject
    by subject; that their intervals overlap says nothing. Also: the clips that one alone has right.
    """
    from mebench.cli.console import note, print_json, print_lines, print_table
    from mebench.display.consoles import output
    from mebench.records import find_run
    from mebench.scoring.compared_runs import compare_runs
    from mebench.scoring.comparison_tables import clip_tables, comparison_note, comparison_tables
    from mebench.study.comparison_files import write_comparison
    from mebench.study.written import refuse_unwritable

    if out is not None:
        refuse_unwritable(out)
    if over_protocols:
        if reference is not None or clips:
            raise MebenchError("--over-protocols ranks models, and takes neither --reference nor --clips")
        _rank([find_run(name, runs) for name in names], out, as_json=as_json)
        return
    found = compare_runs(
        [find_run(name, runs) for name in names],
        reference=None if reference is None else find_run(reference, runs),
    )
    if out is not None:  # first: who reads the tables may leave early, as `| head` does
        files = [file.name for file in write_comparison(found, out)]
        note(f"written to {out}: {', '.join(files)}")
    if as_json:
        print_json(found)
        return
    for table in (*comparison_tables(found), *(clip_tables(found) if clips else ())):
        print_table(table.title, table.columns, table.rows, right=table.right)
    print_lines("Mind", found["notes"])
    output().print(comparison_note(found))


def _rank(directories: list[RunDirectory], out: Path | None, *, as_json: bool) -> None:
    from mebench.cli.console import note, print_json, print_table
    from mebench.display.consoles import output
    from mebench.scoring.over_protocols import over_protocols, ranks_note, ranks_table
    from mebench.study.ranks import write_ranks

    found = over_protocols(directories)
    if out is not None:
        note(f"written to {out}: {', '.join(file.name for file in write_ranks(found, out))}")
    if as_json:
        print_json(found)
        return
    table = ranks_table(found)
    print_table(table.title, table.columns, table.rows, right=table.right)
    output().print(ranks_note(found))

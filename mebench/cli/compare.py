"""``mebench compare RUN RUN...``."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import runs_option


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
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines; it has all clips.")
def compare(
    names: tuple[str, ...], reference: str | None, clips: bool, out: Path | None, runs: Path, as_json: bool
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

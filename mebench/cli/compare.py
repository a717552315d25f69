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
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines; it has all clips.")
def compare(names: tuple[str, ...], reference: str | None, clips: bool, runs: Path, as_json: bool) -> None:
    """Say whether runs of the same clips differ, or whether it may be chance.

    RUN is a folder, or a name from `mebench list runs`. Scores are compared by swapping two runs' predictions subject
    by subject; that their intervals overlap says nothing. Also: the clips that one alone has right.
    """
    from mebench.cli.console import print_json, print_lines, print_table
    from mebench.display.consoles import output
    from mebench.records import find_run
    from mebench.scoring.compared_runs import compare_runs
    from mebench.scoring.comparison_tables import clip_tables, comparison_note, comparison_tables

    found = compare_runs(
        [find_run(name, runs) for name in names],
        reference=None if reference is None else find_run(reference, runs),
    )
    if as_json:
        print_json(found)
        return
    for table in (*comparison_tables(found), *(clip_tables(found) if clips else ())):
        print_table(table.title, table.columns, table.rows, right=table.right)
    print_lines("Mind", found["notes"])
    output().print(comparison_note(found))

"""``mebench merge RUNS... --into RUNS``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option(
    "--into",
    required=True,
    metavar="RUNS",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of runs that gets them; it may be one of those given.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def merge(runs: tuple[Path, ...], into: Path, as_json: bool) -> None:
    """Join the records of several folders RUNS, made on several machines say, in one.

    Each of RUNS is a folder of runs, or one run's own. What does not agree is refused before anything is written;
    the folders given are only read.
    """
    from mebench.cli.console import print_json, print_table
    from mebench.runner.merge import merge_runs

    merged = merge_runs(runs, into)
    if as_json:
        print_json(
            [
                {
                    "run": str(each.directory.path),
                    "from": [str(path) for path in each.sources],
                    "joined": each.joined,
                    "there": each.there,
                    "recorded": each.recorded,
                    "folds": each.due,
                }
                for each in merged
            ]
        )
        return
    columns = ("run", "sources", "joined", "there before", "folds recorded")
    rows = [
        (
            each.directory.path,
            len(each.sources),
            each.joined,
            each.there,
            f"{each.recorded} of {each.due}",
        )
        for each in merged
    ]
    print_table(f"Merged into {into}", columns, rows, right=columns[1:])

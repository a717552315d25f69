"""``mebench show RUN``."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import runs_option


@click.command()
@click.argument("run")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def show(run: str, runs: Path, as_json: bool) -> None:
    """Show the scores of RUN: a folder, or a name from `mebench list runs`. They are computed anew."""
    from mebench.cli.console import print_json
    from mebench.cli.scores import print_run_scores
    from mebench.records import find_run
    from mebench.scoring.rebuild import score_run

    directory = find_run(run, runs)
    scores = score_run(directory)
    if as_json:
        print_json({**directory.about(), **scores})
    else:
        print_run_scores(directory.read_run(), scores)

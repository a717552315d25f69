"""``mebench leaderboard``: tables that anyone can rebuild from stored predictions."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import runs_option


@click.group()
def leaderboard() -> None:
    """Build tables from stored predictions."""


@leaderboard.command()
@runs_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("leaderboards"),
    show_default=True,
    help="Where the tables are written; a reported.csv there is read too.",
)
def build(runs: Path, out: Path) -> None:
    """Write tables of all complete runs.

    One in Markdown and one in CSV for each protocol, from the records below --runs.
    """
    from mebench.cli.console import warn
    from mebench.leaderboard.build import build_leaderboards

    built = build_leaderboards(runs, out)
    for path, reason in built.left_out:
        warn(f"{path} is left out: {reason}")
    for path in built.written:
        click.echo(f"wrote {path}")
    if not built.written:
        click.echo(f"nothing to write: {runs} holds no complete run, and no figures are reported")

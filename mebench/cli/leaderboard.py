"""``mebench leaderboard``: tables that anyone can rebuild from stored predictions."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import effort_option, plugins_of, runs_option
from mebench.cli.results import rescore, submit, verify
from mebench.display.consoles import say
from mebench.errors import MebenchError


@click.group()
def leaderboard() -> None:
    """Build tables from stored predictions, and store and verify these."""


for command in (submit, verify, rescore):
    leaderboard.add_command(command)


@leaderboard.command()
@runs_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("leaderboards"),
    show_default=True,
    help="Where the tables are written; results, rescored.csv and reported.csv there are read too.",
)
@click.pass_context
def build(ctx: click.Context, runs: Path, out: Path) -> None:
    """Write the tables of every protocol in Markdown, CSV and LaTeX.

    From stored results, rescored.csv and reported.csv in --out, and all complete runs below --runs.
    """
    from mebench.cli.console import warn
    from mebench.leaderboard.build import build_leaderboards

    built = build_leaderboards(runs, out, plugins_of(ctx).registry)
    for path, reason in built.left_out:
        warn(f"{path} is left out: {reason}")
    for path in built.written:
        say(f"wrote {path}")
    if not built.written:
        say(f"nothing to write: {runs} holds no complete run, and no figures are reported")


@leaderboard.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("leaderboards"),
    show_default=True,
    help="The folder of reported.csv and rescored.csv; where it has none, those that mebench ships.",
)
@click.option("--protocol", "only", metavar="NAME", help="Look at the rows of this protocol alone.")
@click.option("--all", "every", is_flag=True, help="Show rows that are possible, too, each with its matrix.")
@effort_option("a row ")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines: all findings of all rows.")
@click.pass_context
def doubt(ctx: click.Context, out: Path, only: str | None, every: bool, effort: float, as_json: bool) -> None:
    """Say of every published figure whether it can be, with a proof.

    Findings are named as what they are: impossible figures, figures of other clips than the protocol's, the same
    digits under two protocols, macro precision printed as UAR.
    """
    from mebench.cli.doubts import print_doubts, print_doubts_json
    from mebench.errors import near_matches
    from mebench.leaderboard.doubts import doubts
    from mebench.leaderboard.reported import reported_figures
    from mebench.leaderboard.rescored import rescored_figures
    from mebench.parallel import cores
    from mebench.scoring.doubt.search import EFFORT

    rows = reported_figures(out)
    if not rows:
        say(f"nothing to look at: {out} holds no reported.csv", err=as_json)
        return
    if only and only not in {row.protocol for row in rows}:
        raise MebenchError(
            f"no figure is reported under {only!r}{near_matches(only, {row.protocol for row in rows})}"
        )
    found = doubts(
        rows,
        rescored_figures(out),
        plugins_of(ctx).registry,
        only=only,
        workers=min(cores(), 8),
        effort=EFFORT * effort,
    )
    if as_json:
        print_doubts_json(rows, found)
    else:
        print_doubts(rows, found, every=every)

"""``mebench runs watch``: how runs go, from another terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mebench.errors import MebenchError


@click.group()
def runs() -> None:
    """Watch runs that other processes work at (`mebench list runs` shows what they scored)."""


@runs.command()
@click.argument("folder", metavar="[RUNS]", type=click.Path(path_type=Path), default=Path("runs"))
@click.option("--once", is_flag=True, help="Show how they stand now, and end.")
@click.option(
    "--every",
    type=click.FloatRange(0.1),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines, once.")
def watch(folder: Path, once: bool, every: float, as_json: bool) -> None:
    """Show how the runs in RUNS go, again and again.

    Of each run: folds recorded, running and failed, how fast, how long still, the last failure. RUNS is a folder of
    runs, or the folder of one; without it: runs. Nothing is written. Ctrl-C ends it.
    """
    from mebench.cli.console import print_json, print_table
    from mebench.display.consoles import say
    from mebench.display.watch_view import COLUMNS, RIGHT, cells, summary, watch
    from mebench.runner.watching import WatchedRuns

    if not folder.is_dir():
        raise MebenchError(f"there is no folder {folder}: name the --runs folder of `mebench run`")
    watched = WatchedRuns(folder)
    if not (once or as_json):
        try:
            watch(watched, folder, every)
        except KeyboardInterrupt:
            return
    standings = watched.look()
    if as_json:
        print_json([asdict(each) for each in standings])
        return
    print_table(f"Runs in {folder}", COLUMNS, [cells(each) for each in standings], right=RIGHT)
    if standings:
        say(summary(standings, 0))

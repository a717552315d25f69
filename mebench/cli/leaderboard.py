"""``mebench leaderboard``: tables that anyone can rebuild from stored predictions."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import plugins_of, runs_option
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
    help="Where the tables are written; a reported.csv there is read too.",
)
@click.option(
    "--list",
    "lists",
    metavar="PROTOCOL=FILE",
    multiple=True,
    help="The list with the labels of a protocol's runs that are stored without them.",
)
@click.pass_context
def build(ctx: click.Context, runs: Path, out: Path, lists: tuple[str, ...]) -> None:
    """Write tables of all complete runs.

    One in Markdown and one in CSV for each protocol, from the records below --runs.
    """
    from mebench.cli.console import warn
    from mebench.leaderboard.build import build_leaderboards
    from mebench.records import find_runs

    registry = plugins_of(ctx).registry
    without_truth: dict[Path, str] = {}
    for protocol, file in map(_protocol_and_file, lists):
        from mebench.leaderboard.truth import restore_truth

        name = registry.get("protocol", protocol).name
        for directory in find_runs(runs):
            if directory.path.parent.name == name:
                try:
                    restore_truth(registry, directory, file)
                except MebenchError as error:
                    without_truth[directory.path] = str(error)
    built = build_leaderboards(runs, out, registry)
    for path, reason in built.left_out:
        warn(f"{path} is left out: {without_truth.get(path, reason)}")
    for path in built.written:
        say(f"wrote {path}")
    if not built.written:
        say(f"nothing to write: {runs} holds no complete run, and no figures are reported")


def _protocol_and_file(given: str) -> tuple[str, Path]:
    protocol, equals, file = given.partition("=")
    if not (equals and protocol and file):
        raise MebenchError(f"--list {given}: write it as PROTOCOL=FILE")
    return protocol, Path(file)

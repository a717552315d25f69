"""``mebench new KIND NAME``: a package to start from."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import plugins_of
from mebench.errors import UnknownNameError
from mebench.testing.new_package import BASES, NEW_KINDS, next_steps, write_package


@click.command()
@click.argument("kind", metavar="model|dataset|protocol|input")
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path), help="The new folder; mebench-NAME if nothing is said."
)
@click.option("--title", default="", help="What it is, in a line of `mebench list`.")
@click.option(
    "--base", type=click.Choice(BASES), default="torch", show_default=True, help="What a model is made with."
)
@click.option("--dataset", default="casme3", show_default=True, help="Whose clips a protocol is about.")
@click.pass_context
def new(
    ctx: click.Context, kind: str, name: str, out: Path | None, title: str, base: str, dataset: str
) -> None:
    """Write a package that brings a model, dataset, protocol or input called NAME.

    It is a plugin that can be installed at once: code with types, its entry point, conformance tests of a few lines, a
    workflow for GitHub, a README. It passes its own tests as it is; change it from there.
    """
    if kind not in NEW_KINDS:
        raise UnknownNameError("kind of package", kind, NEW_KINDS)
    folder = out or Path(f"mebench-{name}")
    registry = plugins_of(ctx).registry
    written = write_package(kind, name, folder, registry, title=title, base=base, dataset=dataset)
    click.echo(f"{folder}: {len(written)} files")
    for path in written:
        click.echo(f"  {path}")
    click.echo("\nNext:")
    for line in (f"cd {folder}", *next_steps(kind, name, dataset)):
        click.echo(f"  {line}")

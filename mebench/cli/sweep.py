"""``mebench sweep MODEL PROTOCOL --grid SETTING=VALUE,VALUE``."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.options import plugins_told
from mebench.cli.run_options import settings_of
from mebench.cli.studies import carry_out, study_options


@click.command()
@click.argument("model")
@click.argument("protocol")
@click.option(
    "--grid",
    multiple=True,
    required=True,
    metavar="NAME=VALUE,...",
    help="A setting and its values; several make every combination. Lists: 'NAME=A;A,B'.",
)
@study_options
@click.pass_context
def sweep(ctx: click.Context, /, model: str, protocol: str, grid: tuple[str, ...], **options: Any) -> None:
    """Run every combination of some settings of MODEL, and compare each with the reference.

    \b
    mebench sweep famnet casme3 --grid attention=none,last,hierarchical --grid faud=true,false
    mebench sweep famnet casme3 --grid 'attention_axes=channel;spatial;channel,spatial'

    The reference is the combination that MODEL is without --grid, else the first. Each combination is a run like
    those of `mebench run`, with the same options; the same command goes on where it stopped.
    """
    from mebench.study.variants import sweep_of

    plugins = plugins_told(ctx)
    carry_out(ctx, plugins, sweep_of(plugins, model, grid, **settings_of(options)), protocol, options)

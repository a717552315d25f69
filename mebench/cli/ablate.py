"""``mebench ablate MODEL PROTOCOL``."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.options import plugins_told
from mebench.cli.run_options import settings_of
from mebench.cli.studies import carry_out, study_options
from mebench.errors import MebenchError


@click.command()
@click.argument("model")
@click.argument("protocol")
@click.option("--axes", metavar="NAME,...", help="Only these; `mebench info MODEL` lists them.")
@study_options
@click.pass_context
def ablate(ctx: click.Context, /, model: str, protocol: str, axes: str | None, **options: Any) -> None:
    """Run the ablations that MODEL's plugin declares, and compare each with the whole model.

    \b
    mebench ablate famnet casme3 --synthetic
    mebench ablate famnet casme3 --axes attention,fusion --seeds 0,1,2 --out ablations

    The reference is MODEL with the preset and settings given here. Each variant is a run like those of `mebench run`,
    with the same options; the same command goes on where it stopped.
    """
    from mebench.study.variants import ablation_of

    plugins = plugins_told(ctx)
    chosen = [] if axes is None else [axis.strip() for axis in axes.split(",")]
    if axes is not None and not all(chosen):
        raise MebenchError(
            f"--axes {axes!r} has an empty name: write --axes NAME,NAME, or leave it out for all"
        )
    carry_out(ctx, plugins, ablation_of(plugins, model, chosen, **settings_of(options)), protocol, options)

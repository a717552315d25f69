"""``mebench features``: what models see, as plain arrays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mebench.cli.options import (
    annotations_option,
    column_option,
    data_option,
    locations,
    plugins_of,
    refuse_existing,
    repairs_option,
)
from mebench.display.consoles import say
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mebench.features.inputs import Input
    from mebench.plugin.loading import Plugins


@click.group()
def features() -> None:
    """Write what models see of a protocol's clips, as arrays for other programs."""


@features.command()
@click.argument("names", nargs=-1, required=True, metavar="[MODEL] PROTOCOL")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The .npz file.")
@click.option(
    "--input",
    "wanted",
    metavar="NAME",
    help="An input of mebench.api instead of a model's, such as FlowPicture.",
)
@click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="Change a setting of the model, or a field of the input.",
)
@click.option("--preset", help="A named group of the model's settings.")
@click.option("--synthetic", is_flag=True, help="Use a small synthetic twin: no dataset is needed.")
@data_option
@annotations_option
@column_option
@repairs_option
@click.option("--allow-dropped", is_flag=True, help="Leave faulty clips out.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def export(
    ctx: click.Context,
    names: tuple[str, ...],
    out: Path,
    wanted: str | None,
    assignments: tuple[str, ...],
    preset: str | None,
    synthetic: bool,
    data_folders: tuple[str, ...],
    annotations: Path | None,
    columns: tuple[str, ...],
    repairs: str,
    allow_dropped: bool,
    force: bool,
) -> None:
    """Write what a model reads of every clip.

    That is the inputs of MODEL, or one input, of the clips of PROTOCOL.

    The file holds an array for each input, (clips, ...), and of each clip its key, label (-1 for none), class,
    subject and the fold that tests it (empty for none). numpy.load reads it without pickle.
    """
    from mebench.cohort.opening import load_protocol
    from mebench.cohort.ready import cohort_to_run
    from mebench.data.sources import ready_datasets
    from mebench.display.progress import progress_bar
    from mebench.features.export import export_features
    from mebench.features.store import user_store

    *model, protocol = names
    if len(model) != (0 if wanted else 1):
        raise MebenchError(
            "say which inputs: give MODEL and PROTOCOL, or PROTOCOL and --input NAME"
            if not wanted
            else f"--input {wanted} takes the place of a model: give the PROTOCOL alone"
        )
    refuse_existing(out, force=force)
    plugins = plugins_of(ctx)
    inputs = (
        _inputs_of_model(plugins, model[0], preset, assignments)
        if model
        else _input_by_name(wanted or "", preset, assignments)
    )
    if synthetic and (data_folders or annotations or columns):
        raise MebenchError("--synthetic makes its own data: leave out --data, --annotations and --column")
    datasets = load_protocol(plugins.registry, protocol).datasets
    with progress_bar() as progress:
        cohort = cohort_to_run(
            plugins.registry,
            protocol,
            data=locations(
                data_folders, annotations, datasets, columns, ready=ready_datasets(plugins.registry)
            ),
            synthetic=synthetic,
            repairs=repairs == "default",
            allow_dropped=allow_dropped,
            progress=progress,
        )
        written = export_features(cohort, inputs, user_store(), out, progress)
    shapes = ", ".join(f"{name} {array}" for name, array in written.items())
    say(f"wrote {len(cohort.clips)} clips of {protocol} to {out}: {shapes}")


def _inputs_of_model(
    plugins: Plugins, name: str, preset: str | None, assignments: tuple[str, ...]
) -> Mapping[str, Input]:
    from mebench.models.base import assigned_in, reads_of
    from mebench.models.loading import check_inputs
    from mebench.runner.named import named_model

    named = named_model(plugins, name, preset=preset, settings=assignments)
    check_inputs(named.entry, named.model)
    settings = named.model.settings
    if idle := sorted(assigned_in(settings) - reads_of(settings)):
        raise MebenchError(f"--set {idle[0]}=... changes nothing of the inputs of {name}: leave it out")
    if not (inputs := named.model.inputs()):
        raise MebenchError(f"{name} asks for no input: there is nothing to write")
    return inputs


def _input_by_name(name: str, preset: str | None, assignments: tuple[str, ...]) -> Mapping[str, Input]:
    from mebench.cli.inputs import named_input

    if preset:
        raise MebenchError("--preset is a model's: give the fields of an input with --set NAME=VALUE")
    return {name: named_input(name, assignments)}

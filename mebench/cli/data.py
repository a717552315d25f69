"""``mebench data``: where datasets lie, what is in them, and synthetic twins of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mebench.cli.options import (
    annotations_option,
    column_option,
    follow_links_option,
    plugins_of,
    repairs_option,
)
from mebench.cli.prepare import prepare
from mebench.display.consoles import output

if TYPE_CHECKING:
    from mebench.data.locations import Location


@click.group()
def data() -> None:
    """Say where datasets lie, check them, crop their faces, or make synthetic twins."""


data.add_command(prepare)


@data.command()
@click.argument("dataset")
@click.argument("folder", type=click.Path(path_type=Path))
@annotations_option
@column_option
@follow_links_option
@click.pass_context
def add(
    ctx: click.Context, dataset: str, folder: Path, annotations: Path | None, columns: tuple[str, ...]
) -> None:
    """Remember that DATASET lies in FOLDER.

    A folder without pictures, or an annotation file alone, will do for what needs only annotations. Of a dataset of
    ready inputs, --annotations is the list of its clips.
    """
    from mebench.cli.console import warn
    from mebench.cohort.report_ready import ready_cohorts
    from mebench.data.clips.columns import parse_columns
    from mebench.data.links import are_followed
    from mebench.data.locations import Location, remember, remembered
    from mebench.data.sources import open_known

    registry = plugins_of(ctx).registry
    location = Location(folder, annotations, parse_columns(columns), are_followed())
    if registry.get("dataset", dataset).stands_in:
        _refuse_columns(dataset, columns)
        clips, unsought = len(ready_cohorts(registry, dataset, location)[0].clips), ""
    else:
        found, no_frames, unsought = open_known(registry, dataset, location)
        if no_frames:
            raise no_frames
        if folder.is_file():
            location = replace(location, root=folder.parent, annotation=annotations or folder)
        clips = len(found.table)
    before = remembered().get(dataset)
    stored = remember(dataset, location)
    output().print(f"{dataset}: {clips} clips in {folder.resolve()}, remembered in {stored}")
    if before and before.root != location.root.resolve():
        output().print(f"it takes the place of {before.root}")
    if unsought:
        warn(f"frames were not found ({unsought}): a run needs them, a list or a score does not")
    _say_of_variable(dataset)


@data.command()
@click.argument("dataset")
def remove(dataset: str) -> None:
    """Forget where DATASET lies. The data itself is not touched."""
    from mebench.data.locations import forget

    location = forget(dataset)
    output().print(f"{dataset}: {location.root} is forgotten; nothing in it was touched")
    _say_of_variable(dataset)


def _refuse_columns(dataset: str, columns: tuple[str, ...]) -> None:
    from mebench.errors import MebenchError

    if columns:
        raise MebenchError(f"--column names a column of an annotation, and {dataset} has none: leave it out")


def _say_of_variable(dataset: str) -> None:
    """Warn where the environment goes before what is remembered."""
    import os

    from mebench.cli.console import warn
    from mebench.data.locations import variable_of

    if place := os.environ.get(variable_of(dataset)):
        warn(
            f"{variable_of(dataset)} says that {dataset} lies in {place}, which counts before what is remembered"
        )


@data.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Show where mebench looks for each dataset."""
    import os

    from mebench.cli.console import print_table
    from mebench.data.locations import remembered, variable_of

    known = remembered()
    rows = []
    for name in dict.fromkeys([*(e.name for e in plugins_of(ctx).registry.entries("dataset")), *known]):
        variable = variable_of(name)
        place = os.environ.get(variable) or (str(known[name].root) if name in known else "")
        source = variable if os.environ.get(variable) else "data add" if name in known else ""
        gone = " (not there any more)" if place and not Path(place).exists() else ""
        rows.append((name, place + gone, source))
    print_table("Datasets", ("name", "folder", "said by"), rows)


@data.command()
@click.argument("dataset")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="Where it or its annotation file lies, for this time.",
)
@follow_links_option
@click.option("--protocol", metavar="NAME", help="Judge by this protocol, as `mebench run` would.")
@annotations_option
@column_option
@repairs_option
@click.option("--pictures", is_flag=True, help="Open every picture too, to find unreadable ones.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def check(
    ctx: click.Context,
    dataset: str,
    folder: Path | None,
    protocol: str | None,
    annotations: Path | None,
    columns: tuple[str, ...],
    repairs: str,
    pictures: bool,
    as_json: bool,
) -> None:
    """Report on DATASET.

    Its clips, classes, repairs, dropped clips and missing frames; what `mebench run` would refuse is refused in
    the same words. Annotations alone will do: frames are then not looked for.
    """
    from mebench.cli.check import print_ready_report, print_report
    from mebench.cli.console import print_json
    from mebench.cohort.report import check_dataset
    from mebench.cohort.report_ready import check_ready
    from mebench.display.progress import progress_bar
    from mebench.errors import MebenchError

    registry = plugins_of(ctx).registry
    entry = registry.get("dataset", dataset)
    location = _location(dataset, folder, annotations, columns)
    if entry.stands_in:
        _refuse_columns(dataset, columns)
        found = check_ready(registry, dataset, location, protocol=protocol)
        if as_json:
            print_json(found)
        else:
            print_ready_report(found)
        return
    with progress_bar() as progress:
        report = check_dataset(
            registry,
            dataset,
            location,
            protocol=protocol,
            repairs=repairs == "default",
            pictures=pictures,
            progress=progress,
        )
    if as_json:
        print_json(report)
    else:
        print_report(report)
    if report["refused"]:
        raise MebenchError(report["refused"])


def _location(
    dataset: str, folder: Path | None, annotations: Path | None, columns: tuple[str, ...]
) -> Location:
    """Return where a dataset lies; an annotation file alone will do where nothing else is known."""
    from mebench.data.clips.columns import parse_columns
    from mebench.data.locations import Location, find_data, with_options
    from mebench.errors import MebenchError

    named = parse_columns(columns)
    if folder:
        return Location(folder, annotations, named)
    try:
        found = find_data(dataset)
    except MebenchError:
        if annotations is None:
            raise
        return Location(annotations, columns=named)
    return with_options(found, annotations, named)


@data.command()
@click.argument("dataset")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.option(
    "--annotations",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the clips of this real annotation file instead of inventing some.",
)
@click.option(
    "--subjects", type=click.IntRange(2, 999), default=8, show_default=True, help="People to invent."
)
@click.option(
    "--clips", type=click.IntRange(1, 999), default=12, show_default=True, help="Clips of each person."
)
@click.option(
    "--size", type=click.IntRange(32, 1024), default=96, show_default=True, help="Side of a frame, pixels."
)
@click.option(
    "--strength",
    type=click.FloatRange(0.1, 3.0),
    default=2.0,
    show_default=True,
    help="How far faces move; 1 is a typical micro-expression.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed draws the same bytes."
)
@click.option(
    "--quirks",
    is_flag=True,
    help="Make it as untidy as releases are, to try a reader: stray files, a folder in other letter case, a few "
    "missing and unreadable frames, an odd workbook. SYNTHETIC-TWIN.json lists what was done.",
)
@click.pass_context
def synth(
    ctx: click.Context,
    dataset: str,
    out: Path,
    annotations: Path | None,
    subjects: int,
    clips: int,
    size: int,
    strength: float,
    seed: int,
    quirks: bool,
) -> None:
    """Draw a synthetic twin of DATASET, in its own folder layout."""
    from mebench.data.sources import load_dataset
    from mebench.display.progress import progress_bar
    from mebench.errors import MebenchError
    from mebench.synthetic.twin import TwinOptions, make_twin

    if annotations is not None and not annotations.is_file():
        raise MebenchError(f"there is no annotation file {annotations}: check --annotations")
    options = TwinOptions(subjects, clips, size, strength, seed, annotations, quirks=quirks)
    with progress_bar() as report:
        frames = make_twin(
            load_dataset(plugins_of(ctx).registry, dataset),
            out,
            options,
            lambda done, total: report(f"drawing {dataset}", done, total),
        )
    output().print(f"wrote {frames} frames of a synthetic {dataset} to {out}")
    output().print(f"check it with: mebench data check {dataset} --data {out}")

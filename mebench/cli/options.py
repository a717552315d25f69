"""Options that several commands share, and reading them."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.data.clips.columns import Columns, parse_columns
from mebench.data.locations import Location, find_data
from mebench.errors import MebenchError
from mebench.plugin.loading import Plugins, load_plugins

runs_option = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder of the runs' records.",
)

data_option = click.option(
    "--data",
    "data_folders",
    metavar="[NAME=]DIR",
    multiple=True,
    help="Where a dataset lies; with NAME= where a protocol needs several.",
)

# For commands that need no pictures.
annotated_data_option = click.option(
    "--data",
    "data_folders",
    metavar="[NAME=]PATH",
    multiple=True,
    help="Where a dataset or its annotation file lies; with NAME= where a protocol needs several.",
)

repairs_option = click.option(
    "--repairs",
    type=click.Choice(["default", "none"]),
    default="default",
    show_default=True,
    help="Apply the dataset's named repairs of known annotation errors, or none.",
)

annotations_option = click.option(
    "--annotations",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The owner's annotation file, where it does not lie in the data folder.",
)

column_option = click.option(
    "--column",
    "columns",
    metavar="FIELD=HEADER",
    multiple=True,
    help="Which column of the annotation a field is, where its header is not known: emotion=Label.",
)


def plugins_of(ctx: click.Context) -> Plugins:
    """Return the plugins, loaded as the global options say."""
    return load_plugins(strict=bool((ctx.obj or {}).get("strict_plugins")))


def locations(
    values: tuple[str, ...],
    annotations: Path | None,
    datasets: tuple[str, ...],
    columns: tuple[str, ...] = (),
    *,
    instead: str = "try it without the licence with --synthetic",
) -> dict[str, Location]:
    """Return dataset -> location from ``--data``, ``--annotations`` and ``--column``; what they do not name is missing.

    Raises:
        MebenchError: a folder without a name where several datasets are needed, or a wrong name.
    """
    found: dict[str, Location] = {}
    for value in values:
        name, equals, folder = value.partition("=")
        if equals and name in datasets:
            found[name] = Location(Path(folder))
        elif len(datasets) == 1:
            found[datasets[0]] = Location(Path(value))
        else:
            raise MebenchError(f"--data {value}: write NAME=DIR with NAME one of {', '.join(datasets)}")
    if annotations is None and not columns:
        return found
    if len(datasets) > 1:
        option = "--annotations FILE" if annotations else "--column FIELD=HEADER"
        raise MebenchError(f"{option} fits a protocol of one dataset: use `mebench data add` for each")
    named = parse_columns(columns)
    location = found.get(datasets[0]) or find_data(datasets[0], instead)
    return {datasets[0]: with_options(location, annotations, named)}


def with_options(location: Location, annotations: Path | None, columns: Columns) -> Location:
    """Return a location with another annotation file and further columns, where they are given."""
    return Location(
        location.root,
        annotations or location.annotation,
        tuple({**dict(location.columns), **dict(columns)}.items()),
    )

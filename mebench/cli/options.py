"""Options that several commands share, and reading them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mebench.data.clips.columns import parse_columns
from mebench.data.links import links_followed
from mebench.data.locations import SYNTHETIC_INSTEAD, Location, Place, find_data, given_locations
from mebench.errors import MebenchError
from mebench.plugin.loading import Plugins, load_plugins

Command = TypeVar("Command", bound=Callable[..., Any])

runs_option = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder of the runs' records.",
)


def _follow(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    ctx.with_resource(links_followed(value))  # until the command ends


follow_links_option = click.option(
    "--follow-links",
    is_flag=True,
    expose_value=False,
    callback=_follow,
    help="Follow links that leave a dataset's folder.",
)


def data_option(command: Command) -> Command:
    """Give a command the options that say where datasets lie."""
    return _data_option(follow_links_option(command))


def annotated_data_option(command: Command) -> Command:
    """Give a command that needs no pictures the options that say where datasets lie."""
    return _annotated_data_option(follow_links_option(command))


_data_option = click.option(
    "--data",
    "data_folders",
    metavar="[NAME=]DIR",
    multiple=True,
    help="Where a dataset lies; with NAME= where a protocol needs several, and for one of ready inputs.",
)

_annotated_data_option = click.option(
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


def refuse_existing(out: Path, *, force: bool) -> None:
    """Raise where a file to be written is there already.

    Raises:
        MebenchError: it is, and the user did not ask for another in its place.
    """
    if out.exists() and not force:
        raise MebenchError(f"{out} is there already: choose another --out, or write over it with --force")


def plugins_of(ctx: click.Context) -> Plugins:
    """Return the plugins, loaded as the global options say."""
    return load_plugins(strict=bool((ctx.obj or {}).get("strict_plugins")))


def plugins_told(ctx: click.Context) -> Plugins:
    """Return the plugins, and warn of each that cannot be used: what is wanted may be its."""
    from mebench.cli.console import warn

    plugins = plugins_of(ctx)
    for problem in plugins.problems():
        warn(problem)
    return plugins


def locations(
    values: tuple[str, ...],
    annotations: Path | None,
    datasets: tuple[str, ...],
    columns: tuple[str, ...] = (),
    *,
    ready: Sequence[str] = (),
    instead: str = SYNTHETIC_INSTEAD,
) -> dict[str, Location]:
    """Return dataset -> location from ``--data``, ``--annotations`` and ``--column``; what they do not name is missing.

    ``datasets`` are the protocol's, ``ready`` those of ready inputs, which need their name: ``--data NAME=DIR`` and,
    for the list, ``--annotations NAME=FILE`` or, beside that ``--data``, ``--annotations FILE``.

    Raises:
        MebenchError: a folder without a name where several datasets are needed, or a wrong name.
    """
    named: dict[str, Place] = {}
    for value in values:
        name, equals, folder = value.partition("=")
        if equals and name in (*datasets, *ready):
            named[name] = folder
        elif len(datasets) == 1:
            named[datasets[0]] = value
        else:
            raise MebenchError(f"--data {value}: write NAME=DIR with NAME one of {', '.join(datasets)}")
    if annotations is not None:
        name, equals, file = str(annotations).partition("=")
        if equals and name in ready:
            annotations = Path(file)
            if name not in named:
                named[name] = find_data(name)
    return given_locations(
        named, annotations, datasets, ready=ready, columns=parse_columns(columns), instead=instead
    )


def effort_option(what: str) -> Callable[[Command], Command]:
    """Return the option of how long a search for confusion matrices may take; ``what``: of many."""
    return click.option(
        "--effort",
        type=click.FloatRange(min=0, min_open=True, max=1000),
        default=1.0,
        show_default=True,
        help=f"How much longer than usual to search {what}before giving up.",
    )

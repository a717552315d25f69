"""``mebench data prepare``: faces found, aligned and cropped once, in a copy that every command reads."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from mebench.cli.console import print_lines, warn
from mebench.cli.options import annotations_option, column_option, follow_links_option, plugins_of
from mebench.display.consoles import output


@click.command()
@click.argument("dataset")
@click.option("--data", "folder", type=click.Path(path_type=Path), help="Where it lies, for this time.")
@annotations_option
@follow_links_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A new folder, or one that this command began.",
)
@click.option(
    "--size", type=click.IntRange(32, 1024), default=256, show_default=True, help="Side of a crop, pixels."
)
@click.option(
    "--detector",
    type=click.Choice(["centerface", "mediapipe"]),
    default="centerface",
    show_default=True,
    help="What finds faces; mediapipe needs --detector-model.",
)
@click.option(
    "--detector-model",
    "model",
    type=click.Path(path_type=Path, dir_okay=False),
    help="MediaPipe's file face_landmarker.task.",
)
@click.option("--contact-sheet", is_flag=True, help="Draw one crop of each clip, to look through.")
@column_option
@click.pass_context
def prepare(
    ctx: click.Context,
    dataset: str,
    folder: Path | None,
    annotations: Path | None,
    out: Path,
    size: int,
    detector: str,
    model: Path | None,
    contact_sheet: bool,
    columns: tuple[str, ...],
) -> None:
    """Find, align and crop the faces of DATASET.

    The copy has the dataset's own layout and annotation: give its folder to other commands with --data. A clip
    is aligned by its first frame alone, so that no motion is added. The same command continues a stopped one.
    """
    from mebench.data.clips.columns import parse_columns
    from mebench.data.locations import Location, find_data, with_options
    from mebench.data.preparation import prepare as preparation
    from mebench.data.sources import load_dataset
    from mebench.display.progress import progress_bar

    plugin = load_dataset(plugins_of(ctx).registry, dataset)
    location = with_options(
        Location(folder) if folder else find_data(dataset), annotations, parse_columns(columns)
    )
    options = preparation.PrepareOptions(size, detector, model, contact_sheet)
    with progress_bar() as report:
        done = preparation.prepare(
            plugin,
            location,
            out,
            options,
            lambda now, total: report(f"preparing {dataset}", now, total),
        )
    kept = f"; {done.kept} were there already" if done.kept else ""
    output().print(f"{dataset}: {done.clips} clips in {out}, {done.frames} frames written{kept}")
    for sheet in done.sheets:
        output().print(f"contact sheet: {sheet}")
    if done.damaged:
        warn(f"{done.damaged} frame(s) are no readable pictures and were copied as they are")
    if done.without_face:
        warn(
            f"no face was found in {len(done.without_face)} clip(s), which got the centre of their pictures "
            f"(listed in {done.without_face_file})"
        )
        print_lines("Clips without a face", [f"{key}: {why}" for key, why in done.without_face])
    named = "".join(f" --column {name}={shlex.quote(header)}" for name, header in location.columns)
    output().print(f"use it with: mebench run MODEL PROTOCOL --data {out}{named}")

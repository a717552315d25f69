"""``mebench data``: where datasets lie, what is in them, and synthetic twins of them."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.console import output
from mebench.cli.options import annotations_option, plugins_of, repairs_option
from mebench.cli.prepare import prepare


@click.group()
def data() -> None:
    """Say where datasets lie, check them, crop their faces, or make synthetic twins."""


data.add_command(prepare)


@data.command()
@click.argument("dataset")
@click.argument("folder", type=click.Path(path_type=Path))
@annotations_option
@click.pass_context
def add(ctx: click.Context, dataset: str, folder: Path, annotations: Path | None) -> None:
    """Remember that DATASET lies in FOLDER."""
    from mebench.data.locations import Location, remember
    from mebench.data.sources import open_dataset

    location = Location(folder, annotations)
    found = open_dataset(plugins_of(ctx).registry, dataset, location)
    stored = remember(dataset, location)
    output().print(f"{dataset}: {len(found.table)} clips in {folder.resolve()}, remembered in {stored}")


@data.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Show where mebench looks for each dataset."""
    import os

    from mebench.cli.console import print_table
    from mebench.data.locations import remembered, variable_of

    known = remembered()
    rows = []
    for entry in plugins_of(ctx).registry.entries("dataset"):
        variable = variable_of(entry.name)
        place = os.environ.get(variable) or (known[entry.name].root if entry.name in known else "")
        source = variable if os.environ.get(variable) else "data add" if entry.name in known else ""
        rows.append((entry.name, place, source))
    print_table("Datasets", ("name", "folder", "said by"), rows)


@data.command()
@click.argument("dataset")
@click.option("--data", "folder", type=click.Path(path_type=Path), help="Where it lies, for this time.")
@annotations_option
@repairs_option
@click.option("--pictures", is_flag=True, help="Open every picture too, to find unreadable ones.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def check(
    ctx: click.Context,
    dataset: str,
    folder: Path | None,
    annotations: Path | None,
    repairs: str,
    pictures: bool,
    as_json: bool,
) -> None:
    """Report on DATASET.

    Its clips, classes, repairs, dropped clips and missing frames.
    """
    from mebench.cli.check import check_report, print_report
    from mebench.cli.console import print_json
    from mebench.data.locations import Location, find_data
    from mebench.data.sources import open_dataset
    from mebench.errors import MebenchError

    registry = plugins_of(ctx).registry
    registry.get("dataset", dataset)
    location = Location(folder, annotations) if folder else find_data(dataset)
    if annotations and not folder:
        location = Location(location.root, annotations)
    found = open_dataset(registry, dataset, location, repairs=repairs == "default")
    report = check_report(found, registry, pictures=pictures)
    if as_json:
        print_json(report)
    else:
        print_report(report)
    if faulty := len(report["dropped"]) + len(report["too_little_readable"] or []):
        raise MebenchError(
            f"{faulty} clip(s) of {dataset} cannot be used, each with its reason above: mend the "
            "annotation or the frames, or run with --allow-dropped"
        )


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
    from mebench.cli.progress import progress_bar
    from mebench.data.sources import load_dataset
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

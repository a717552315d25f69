"""``mebench protocol``: which clips a protocol counts, as a list to give away or to compare with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mebench.cli.options import annotated_data_option, column_option, locations, plugins_of, repairs_option
from mebench.display.consoles import say, say_lines

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort
    from mebench.plugin.registry import Registry


@click.group()
def protocol() -> None:
    """Write a protocol's clips as a list, or compare them with one. No pictures are needed."""


@protocol.command()
@click.argument("name")
@annotated_data_option
@column_option
@repairs_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of the screen.")
@click.pass_context
def export(
    ctx: click.Context,
    name: str,
    data_folders: tuple[str, ...],
    columns: tuple[str, ...],
    repairs: str,
    out: Path | None,
) -> None:
    """Write the clips of the protocol NAME as CSV.

    Their keys, names, frame numbers, classes, folds and action units, from the owners' annotations.
    """
    from mebench.cohort.lists import list_csv
    from mebench.files import write_atomically

    cohort = _cohort(plugins_of(ctx).registry, name, data_folders, columns, repairs)
    if out is None:
        say_lines(list_csv(cohort), nl=False)
        return
    write_atomically(out, list_csv(cohort))
    say(f"wrote {len(cohort.clips)} clips of {cohort.protocol.name} to {out}; manifest {cohort.manifest}")


@protocol.command()
@click.argument("name")
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    required=True,
    help="The list: dataset, subject, filename, label; or one that `protocol export` wrote.",
)
@annotated_data_option
@column_option
@repairs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def diff(
    ctx: click.Context,
    name: str,
    list_file: Path,
    data_folders: tuple[str, ...],
    columns: tuple[str, ...],
    repairs: str,
    as_json: bool,
) -> None:
    """Compare the clips of the protocol NAME with a list.

    Says which clips are missing, and why where that is known, which are extra, which labels differ, and which rows of
    the list do not say what they mean.
    """
    from mebench.cli.console import print_json, print_lines, renumbering_line
    from mebench.cohort.differences import compare_lists
    from mebench.cohort.lists import said_of_others, scan_list
    from mebench.cohort.names import others_of, spellings_of
    from mebench.cohort.opening import load_protocol
    from mebench.errors import MebenchError

    registry = plugins_of(ctx).registry
    definition = load_protocol(registry, name)
    rows = scan_list(
        list_file, definition, spellings_of(registry, definition), others_of(registry, definition)
    )
    listed = rows.clips
    cohort = _cohort(registry, name, data_folders, columns, repairs)
    found = compare_lists(cohort, listed, rows.unclear)
    if as_json:
        print_json(
            {
                "protocol": definition.name,
                "list": str(list_file),
                "manifest": cohort.manifest,
                "synthetic": cohort.twin,
                "clips": {"cohort": len(cohort.clips), "list": len(listed)},
                "missing": found.missing,
                "extra": found.extra,
                "unclear": found.unclear,
                "other_datasets": rows.others,
                "renumbered": found.renumbered,
                "labels": {
                    key: {"cohort": ours, "list": theirs} for key, (ours, theirs) in found.labels.items()
                },
            }
        )
    else:
        say(f"{definition.name}: {len(cohort.clips)} clips; {list_file}: {len(listed)} clips")
        if rows.others:
            say(said_of_others(rows.others, definition))
        if found.renumbered:
            say(renumbering_line(found.renumbered, "list"))
        print_lines(
            f"Unclear: {len(found.unclear)} rows of the list that do not say which clip or class they mean",
            found.unclear,
        )
        print_lines(
            f"Missing: {len(found.missing)} clips of the list that the cohort lacks",
            [f"{clip}: {why or 'not in the annotation'}" for clip, why in found.missing.items()],
        )
        print_lines(
            f"Extra: {len(found.extra)} clips of the cohort that the list lacks",
            found.extra,
        )
        print_lines(
            f"Labels: {len(found.labels)} clips whose class differs",
            [f"{key}: {ours} here, {theirs} in the list" for key, (ours, theirs) in found.labels.items()],
        )
    if found:
        count = sum(map(len, (found.missing, found.extra, found.labels, found.unclear)))
        raise MebenchError(
            f"the cohort of {definition.name} differs from {list_file} in {count} clip(s) or row(s), each named above: "
            "scores on the two are not comparable"
        )
    if not as_json:
        say("The same clips with the same labels.")


def _cohort(
    registry: Registry, name: str, data: tuple[str, ...], columns: tuple[str, ...], repairs: str
) -> Cohort:
    from mebench.cohort.opening import load_protocol
    from mebench.cohort.ready import cohort_to_score
    from mebench.data.sources import ready_datasets

    datasets = load_protocol(registry, name).datasets
    places = locations(data, None, datasets, columns, ready=ready_datasets(registry), instead="")
    return cohort_to_score(registry, name, data=places, repairs=repairs == "default")

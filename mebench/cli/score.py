"""``mebench score FILE``: what predictions that were made elsewhere are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mebench.cli.options import annotated_data_option, column_option, locations, plugins_of, repairs_option
from mebench.display.consoles import say
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.scoring.schema import Scores


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--protocol", "name", required=True, metavar="NAME", help="The protocol to score under.")
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    help="Take clips and labels from this list (dataset, subject, filename, label), not from annotations.",
)
@annotated_data_option
@column_option
@repairs_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "csv", "megc", "folds"]),
    default="auto",
    show_default=True,
    help="A table with a header, a log as MEGC2019 asks for, or what a script prints for each fold.",
)
@click.option("--allow-missing", is_flag=True, help="Score also where clips are missing, and say so.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def score(
    ctx: click.Context,
    file: Path,
    name: str,
    list_file: Path | None,
    data_folders: tuple[str, ...],
    columns: tuple[str, ...],
    repairs: str,
    form: str,
    allow_missing: bool,
    as_json: bool,
) -> None:
    """Score the predictions in FILE, which were made outside mebench.

    FILE is a table with the columns dataset, subject, clip, prediction (a class's name, or its number from 0)
    and perhaps truth and onset; a log as MEGC2019 asks for; or what a training script prints for each fold, with
    'Subject:', 'Predicted:' and 'Truth:'. No pictures are needed.
    """
    from mebench.cli.console import print_json
    from mebench.cohort.opening import load_protocol
    from mebench.cohort.ready import cohort_of_list, cohort_to_score
    from mebench.data.clips.sheet import sha256_of
    from mebench.data.sources import ready_datasets
    from mebench.scoring.outside_scores import classes_of, score_file

    if list_file and (data_folders or columns):
        option = "--data" if data_folders else "--column"
        raise MebenchError(f"--list and {option} both say which clips count: give one of them")
    registry = plugins_of(ctx).registry
    protocol = load_protocol(registry, name)
    classes_of(protocol)
    if list_file:
        cohort = cohort_of_list(registry, name, list_file)
    else:
        instead = "take clips and labels from a list with --list CSV"
        cohort = cohort_to_score(
            registry,
            name,
            data=locations(
                data_folders,
                None,
                protocol.datasets,
                columns,
                ready=ready_datasets(registry),
                instead=instead,
            ),
            repairs=repairs == "default",
            instead=instead,
        )
    found = score_file(registry, file, cohort, form=form, allow_missing=allow_missing)
    result = {
        "file": str(file),
        "sha256": sha256_of(file),
        "protocol": protocol.name,
        "list": {"file": str(list_file), "sha256": sha256_of(list_file)} if list_file else None,
        "manifest": cohort.manifest or None,
        "synthetic": cohort.twin,
        "subject_dependent": protocol.subject_dependent,
        **found,
    }
    if as_json:
        print_json(result)
    else:
        _print(file, result)


def _print(file: Path, result: dict[str, Any]) -> None:
    from mebench.cli.console import print_lines, renumbering_line
    from mebench.cli.scores import print_scores
    from mebench.scoring.tables import outside_title

    missing, due, differs = result["missing"], result["clips_due"], result["truth_differs"]
    if result["renumbered"]:
        say(renumbering_line(result["renumbered"], "file"))
    title = outside_title(
        file.name,
        result["protocol"],
        missing=len(missing),
        due=due,
        synthetic=result["synthetic"],
        subject_dependent=result["subject_dependent"],
    )
    scores: Scores = result["scores"]
    # A file holds one set of predictions and does not say of which training seed.
    print_scores(title, {**scores, "seeds": []})
    print_lines(f"Missing: {len(missing)} of {due} clips, which no figure above counts", missing, most=20)
    print_lines(
        f"Truth in the file that is not the cohort's label, which was used: {len(differs)} clips",
        [f"row {d['row']}, {d['clip']}: {d['given']}, not {d['label']}" for d in differs],
        most=20,
    )

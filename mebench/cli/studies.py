"""What ``mebench sweep`` and ``mebench ablate`` have in common: a study is run, shown and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mebench.cli.console import note, print_json, print_table
from mebench.cli.run_options import (
    cohort_of,
    going_on,
    read_run_options,
    run_options,
    same_command,
)
from mebench.display.consoles import output
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.plugin.loading import Plugins
    from mebench.study.results import Results
    from mebench.study.variants import Study

Command = TypeVar("Command", bound=Callable[..., Any])

_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the table as Markdown, CSV and LaTeX, and the plot of differences, into this folder.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")


def study_options(command: Command) -> Command:
    """Give a command the options of a run, and those of a study."""
    return run_options(_OUT(_JSON(command)))


def carry_out(
    ctx: click.Context,
    plugins: Plugins,
    study: Study,
    protocol: str,
    options: Mapping[str, Any],
) -> None:
    """Run a study and print what it found, also where some of its variants failed.

    Raises:
        MebenchError: nothing could be run, or a variant failed; the others' results are shown before.
    """
    from mebench.cohort.opening import load_protocol
    from mebench.display.study_view import study_view
    from mebench.study.results import results_of
    from mebench.study.work import check_study, failed_variants, run_study
    from mebench.study.written import refuse_unwritable

    load_protocol(plugins.registry, protocol)
    chosen = read_run_options(options)
    check_study(plugins, study, chosen)
    for each in study.notes:
        note(each)
    if options["out"] is not None:
        refuse_unwritable(options["out"])
    with going_on(ctx, options), study_view() as view:
        cohort = cohort_of(plugins, protocol, options, view.features)
        ended = run_study(plugins, study, cohort, chosen, view, same_command(options))
        found = results_of(study, ended, cohort, chosen.seeds, view.features)
    _write(found, options["out"])  # first: who reads the table may leave early, as `| head` does
    _show(found, as_json=options["as_json"])
    if problem := failed_variants(ended):
        raise MebenchError(problem)


def _show(found: Results, *, as_json: bool) -> None:
    from dataclasses import asdict

    from mebench.study.table import study_notes, study_table

    if as_json:
        print_json(asdict(found))
        return
    table = study_table(found)
    print_table(table.title, table.columns, table.rows, right=table.right)
    for line in study_notes(found):
        output().print(line)


def _write(found: Results, folder: Path | None) -> None:
    from mebench.study.written import write_study

    if folder is None:
        note("--out DIR writes this table as Markdown, CSV and LaTeX, and draws the differences")
        return
    files = [file.name for file in write_study(found, folder)]
    note(f"written to {folder}: {', '.join(files)}")

"""``mebench optimism MODEL PROTOCOL``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from mebench.cli.console import print_json, print_table
from mebench.cli.options import plugins_told
from mebench.cli.run_options import (
    cohort_of,
    going_on,
    read_run_options,
    run_options_but_selection,
    same_command,
    settings_of,
)
from mebench.display.consoles import output, say
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.records import RunDirectory


@click.command()
@click.argument("model")
@click.argument("protocol")
@run_options_but_selection
@click.option(
    "--inner",
    is_flag=True,
    help="Run the honest rule, too: the epoch that is best on subjects split off the training subjects.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def optimism(
    ctx: click.Context, /, model: str, protocol: str, inner: bool, as_json: bool, **options: Any
) -> None:
    """Tell what choosing the epoch on the test clips is worth to MODEL under PROTOCOL.

    Much published code reports the epoch that is best on the test subject. This runs MODEL once, as
    `mebench run --selection oracle` does, and compares those epochs with the last one of the very same training.
    After Ctrl-C the same command goes on with the folds that are missing.
    """
    from mebench.cohort.opening import load_protocol
    from mebench.display.view import run_view
    from mebench.models.epoch_rules import INNER, ORACLE
    from mebench.runner.named import check_chosen, named_model, run_named
    from mebench.runner.outcome import Outcome
    from mebench.runner.plan import choose_folds
    from mebench.runner.selection import refuse_few_subjects

    plugins = plugins_told(ctx)
    made = named_model(plugins, model, **settings_of(options))
    load_protocol(plugins.registry, protocol)
    rules = (ORACLE, INNER) if inner else (ORACLE,)
    chosen = [replace(read_run_options(options), selection=rule) for rule in rules]
    for each in chosen:
        check_chosen(plugins, each, made)
    outcomes: dict[str, Outcome] = {}
    cohort = None
    with going_on(ctx, options):
        for each in chosen:
            with run_view() as view:
                cohort = cohort or cohort_of(plugins, protocol, options, view.features)
                if inner and not outcomes:
                    refuse_few_subjects(INNER, cohort, choose_folds(cohort, options["folds"]))
                outcomes[each.selection] = run_named(plugins, made, cohort, each, view)
    for rule, outcome in outcomes.items():
        if outcome.scores is None:
            say(
                f"{outcome.directory.path}: {outcome.done} of {outcome.done + outcome.missing} folds are recorded "
                f"under the rule {rule!r}; what a choice is worth is known once all are",
                err=as_json,
            )
    for outcome in outcomes.values():
        if failed := outcome.problem(same_command(options)):
            raise MebenchError(failed)
    runs = {rule: outcome.directory for rule, outcome in outcomes.items()}
    if all(outcome.scores is not None for outcome in outcomes.values()):
        _print(runs, as_json=as_json)
    elif as_json:
        print_json(_about(runs))


def _about(runs: Mapping[str, RunDirectory]) -> dict[str, Any]:
    from mebench.models.epoch_rules import ORACLE

    return {**runs[ORACLE].about(), "runs": {rule: str(each.path) for rule, each in runs.items()}}


def _print(runs: Mapping[str, RunDirectory], *, as_json: bool) -> None:
    from mebench.models.epoch_rules import INNER, ORACLE
    from mebench.scoring.optimism import inner_beside, optimism_of
    from mebench.scoring.optimism_tables import (
        cohort_note,
        epochs_note,
        epochs_table,
        optimism_title,
        rule_table,
        seeds_note,
    )

    oracle = runs[ORACLE]
    found = {ORACLE: optimism_of(oracle)}
    if INNER in runs:
        found[INNER] = inner_beside(oracle, runs[INNER])
    if as_json:
        print_json({**_about(runs), **found})
        return
    output().print(Text(optimism_title(oracle.read_run()), "bold"))
    output().print()
    for rule, each in found.items():
        for table in (rule_table(rule, each["scores"]), epochs_table(rule, each["epochs"])):
            print_table(table.title, table.columns, table.rows, right=table.right)
        output().print(epochs_note(each["epochs"]))
        if note := seeds_note(oracle.read_run(), each["seeds"]):
            output().print(note)
        output().print()
    output().print(cohort_note(oracle.read_run()))
    output().print(f"records: {', '.join(str(each.path) for each in runs.values())}")

"""``mebench run MODEL PROTOCOL``."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.options import plugins_told
from mebench.cli.run_options import (
    cohort_of,
    going_on,
    read_run_options,
    run_options,
    same_command,
    settings_of,
)
from mebench.errors import MebenchError


@click.command()
@click.argument("model")
@click.argument("protocol")
@run_options
@click.option(
    "--save-models", is_flag=True, help="Keep the fitted model of each fold in the run's folder, models/."
)
@click.option(
    "--folds-together",
    is_flag=True,
    help="Train all folds of a small network as one, in one process: for a GPU. Folds are then less isolated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@click.pass_context
def run(ctx: click.Context, /, model: str, protocol: str, as_json: bool, **options: Any) -> None:
    """Run MODEL under PROTOCOL and print its scores.

    MODEL is a name of `mebench list models`, or a class in a file: models/tiny.py:Tiny. Settings may stand behind it,
    in quotes for the shell: 'famnet[attention=none,faud=false]' is famnet with two --set.

    Each fold is recorded as it ends. After Ctrl-C, a crash or a power cut, the same command goes on with
    the folds that are missing.
    """
    from mebench.cli.scores import print_outcome
    from mebench.cohort.opening import load_protocol
    from mebench.display.view import run_view
    from mebench.runner.named import check_chosen, named_model, run_named

    plugins = plugins_told(ctx)
    made = named_model(plugins, model, **settings_of(options))
    definition = load_protocol(plugins.registry, protocol)
    chosen = read_run_options(options)
    check_chosen(plugins, chosen, made, definition)
    with going_on(ctx, options), run_view() as view:
        cohort = cohort_of(plugins, protocol, options, view.features)
        outcome = run_named(plugins, made, cohort, chosen, view)
    print_outcome(outcome, as_json=as_json)
    if failed := outcome.problem(same_command(options)):
        raise MebenchError(failed)

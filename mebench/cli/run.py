"""``mebench run MODEL PROTOCOL``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mebench.cli.options import plugins_told
from mebench.cli.run_options import (
    cohort_of,
    going_on,
    read_run_options,
    run_options,
    same_command,
    settings_of,
    tell_preset,
)
from mebench.data.links import are_followed
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.plugin.loading import Plugins
    from mebench.runner.finished import FinishedRun
    from mebench.runner.outcome import Outcome


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
    from mebench.runner.finished import FinishedRun

    plugins = plugins_told(ctx)
    known = FinishedRun(plugins, {"model": model, "protocol": protocol, **_said(options)})
    outcome = known.outcome(tell_preset) if _asks_for_scores(options) else None
    if outcome is None:
        outcome = _found_out(ctx, plugins, model, protocol, options, known)
    print_outcome(outcome, as_json=as_json)
    if failed := outcome.problem(same_command(options)):
        raise MebenchError(failed)


def _found_out(
    ctx: click.Context,
    plugins: Plugins,
    model: str,
    protocol: str,
    options: dict[str, Any],
    known: FinishedRun,
) -> Outcome:
    """Find out which run it is, and run what is missing of it."""
    from mebench.cohort.opening import load_protocol
    from mebench.display.view import run_view
    from mebench.runner.finished import can_be_remembered
    from mebench.runner.named import check_chosen, named_model, run_named

    chosen = read_run_options(options)
    with known.reading():
        settings = settings_of(options)
        made = named_model(plugins, model, **{**settings, "tell": known.telling(tell_preset)})
        definition = load_protocol(plugins.registry, protocol)
        check_chosen(plugins, chosen, made, definition)
    with going_on(ctx, options), run_view() as view:
        with known.reading():
            cohort = cohort_of(plugins, protocol, options, view.features)
        keeps = _asks_for_scores(options) and can_be_remembered(made)
        with known.running(cohort) if keeps else nullcontext():
            outcome = run_named(plugins, made, cohort, chosen, view)
        if keeps:
            known.keep(outcome, cohort, chosen.runs)
    return outcome


def _asks_for_scores(options: dict[str, Any]) -> bool:
    """Tell whether a command asks for a run's scores and nothing besides that only the whole way gives."""
    more = ("fresh", "save_models", "require_isolation", "trackers")
    return options["executor"] == "local" and not any(options[name] for name in more)


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """Return all that a command says, as texts; how many folds run at a time decides nothing."""
    said = {name: repr(value) for name, value in options.items() if name not in ("workers", "runs")}
    return {**said, "runs": str(Path(options["runs"]).absolute()), "follow_links": are_followed()}

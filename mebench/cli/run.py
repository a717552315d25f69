"""``mebench run MODEL PROTOCOL``."""

from __future__ import annotations

import signal
from typing import Any

import click

from mebench.cli.console import warn
from mebench.cli.options import (
    annotations_option,
    column_option,
    data_option,
    locations,
    plugins_of,
    repairs_option,
    runs_option,
)
from mebench.errors import MebenchError


@click.command()
@click.argument("model")
@click.argument("protocol")
@click.option("--synthetic", is_flag=True, help="Use a small synthetic twin: no dataset is needed.")
@data_option
@annotations_option
@column_option
@repairs_option
@click.option(
    "--set", "assignments", metavar="NAME=VALUE", multiple=True, help="Change a setting of the model."
)
@click.option("--preset", help="A named group of settings; 'none' for none. With --synthetic: small.")
@click.option("--seeds", default="0", show_default=True, metavar="N,N,...", help="Run once for each seed.")
@click.option("--folds", metavar="N|NAME,...", help="Only the first N folds, or those of the named subjects.")
@click.option(
    "--workers", type=click.IntRange(1), help="Folds at a time. [default: one a core; one on a GPU]"
)
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="CPU threads of each fold."
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    show_default=True,
    help="auto: bfloat16 on a GPU that computes in it, else float32.",
)
@click.option("--executor", default="local", show_default=True, help="What works through the folds.")
@click.option(
    "--tracker", "trackers", metavar="NAME", multiple=True, help="What follows the run; several may."
)
@click.option(
    "--selection",
    type=click.Choice(["last", "inner", "oracle"]),
    default="last",
    show_default=True,
    help="Which epoch predicts: the last, the best on subjects split off the training, or the best on the test clips.",
)
@runs_option
@click.option("--allow-dropped", is_flag=True, help="Run although clips are faulty; the record says so.")
@click.option(
    "--fresh",
    is_flag=True,
    help="Start this very run anew; what it recorded before is set aside in its folder.",
)
@click.option(
    "--shuffle-labels", is_flag=True, help="Shuffle the training labels: a sound benchmark then shows chance."
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
    from mebench.cohort.ready import cohort_to_run
    from mebench.data.sources import ready_datasets
    from mebench.display.view import run_view
    from mebench.runner.named import check_chosen, named_model, run_named
    from mebench.runner.options import RunOptions

    plugins = plugins_of(ctx)
    for problem in plugins.problems():
        warn(problem)
    made = named_model(
        plugins,
        model,
        preset=options["preset"],
        settings=options["assignments"],
        trial=options["synthetic"],
        tell=lambda applied: click.echo(f"--synthetic: {applied}; --preset none for none", err=True),
    )
    datasets = load_protocol(plugins.registry, protocol).datasets
    run_options = RunOptions(
        runs=options["runs"],
        seeds=_seeds(options["seeds"]),
        folds=options["folds"],
        workers=options["workers"] or 0,
        threads=options["threads"],
        device=options["device"],
        precision=options["precision"],
        shuffle_labels=options["shuffle_labels"],
        allow_dropped=options["allow_dropped"],
        fresh=options["fresh"],
        executor=options["executor"],
        trackers=options["trackers"],
        selection=options["selection"],
    )
    check_chosen(plugins, run_options, made)
    again = "the same command" + (" without --fresh" if options["fresh"] else "")
    if options["synthetic"] and (options["data_folders"] or options["annotations"] or options["columns"]):
        raise MebenchError("--synthetic makes its own data: leave out --data, --annotations and --column")
    # A cluster's scheduler stops jobs with SIGTERM: end as cleanly as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with run_view() as view:
            cohort = cohort_to_run(
                plugins.registry,
                protocol,
                data=locations(
                    options["data_folders"],
                    options["annotations"],
                    datasets,
                    options["columns"],
                    ready=ready_datasets(plugins.registry),
                ),
                synthetic=options["synthetic"],
                repairs=options["repairs"] == "default",
                allow_dropped=options["allow_dropped"],
                progress=view.features,
            )
            outcome = run_named(plugins, made, cohort, run_options, view)
    except KeyboardInterrupt:
        click.echo(f"stopped; finished folds are kept, and {again} goes on from here", err=True)
        ctx.exit(130)
    print_outcome(outcome, as_json=as_json)
    if failed := outcome.problem(again):
        raise MebenchError(failed)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise MebenchError(f"--seeds {text!r}: give whole numbers with commas between, as in 0,1,2") from None

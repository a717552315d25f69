"""``mebench run MODEL PROTOCOL``."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

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
from mebench.plugin.loading import Plugins

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort


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

    Each fold is recorded as it ends. After Ctrl-C, a crash or a power cut, the same command goes on with
    the folds that are missing.
    """
    from mebench.cli.scores import print_outcome
    from mebench.cli.view import run_view
    from mebench.features.store import FeatureStore
    from mebench.models.loading import load_model
    from mebench.models.settings import make_settings, setting_text
    from mebench.paths import cache_folder
    from mebench.runner.run import RunOptions, execute

    plugins = plugins_of(ctx)
    for problem in plugins.problems():
        warn(problem)
    entry = plugins.registry.get("model", model)
    plugins.registry.get("protocol", protocol)
    seeds = _seeds(options["seeds"])
    kind = load_model(plugins.registry, model)
    preset = options["preset"]
    if preset is None and options["synthetic"] and "small" in kind.presets:
        preset = "small"
        values = ", ".join(f"{name}={setting_text(value)}" for name, value in kind.presets["small"].items())
        click.echo(f"--synthetic: the preset 'small' applies ({values}); --preset none for none", err=True)
    settings = make_settings(
        kind, entry.settings, None if preset == "none" else preset, options["assignments"]
    )
    run_options = RunOptions(
        runs=options["runs"],
        seeds=seeds,
        folds=options["folds"],
        workers=options["workers"] or 0,
        threads=options["threads"],
        device=options["device"],
        precision=options["precision"],
        shuffle_labels=options["shuffle_labels"],
        allow_dropped=options["allow_dropped"],
        fresh=options["fresh"],
    )
    again = "the same command" + (" without --fresh" if options["fresh"] else "")
    # A cluster's scheduler stops jobs with SIGTERM: end as cleanly as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with run_view() as view:
            cohort = _cohort(plugins, protocol, view, options)
            outcome = execute(
                entry,
                kind(settings),
                cohort,
                run_options,
                FeatureStore(cache_folder() / "features"),
                view,
                plugins.notify,
            )
    except KeyboardInterrupt:
        click.echo(f"stopped; finished folds are kept, and {again} goes on from here", err=True)
        ctx.exit(130)
    print_outcome(outcome, as_json=as_json)
    if outcome.failed:
        raise MebenchError(
            f"{len(outcome.failed)} fold(s) failed ({next(iter(outcome.failed.values()))}); tracebacks are in "
            f"{outcome.directory.path / 'folds'}/*.error.txt, and {again} tries them again"
        )


def _cohort(plugins: Plugins, name: str, view: Any, options: dict[str, Any]) -> Cohort:
    """Return the protocol's cohort, or say why it must not be used."""
    from mebench.cohort.opening import (
        load_protocol,
        open_cohort,
        refuse_faults,
        warn_of_differences,
    )

    protocol = load_protocol(plugins.registry, name)
    if options["synthetic"] and (options["data_folders"] or options["annotations"] or options["columns"]):
        raise MebenchError("--synthetic makes its own data: leave out --data, --annotations and --column")
    cohort = open_cohort(
        plugins.registry,
        name,
        data=locations(
            options["data_folders"], options["annotations"], protocol.datasets, options["columns"]
        ),
        synthetic=options["synthetic"],
        repairs=options["repairs"] == "default",
        progress=view.features,
    )
    refuse_faults(cohort, allow_dropped=options["allow_dropped"])
    warn_of_differences(cohort)
    if not cohort.twin and cohort.differences():
        warn(f"`mebench protocol diff {name} --list FILE` names the clips that differ from a list")
    return cohort


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise MebenchError(f"--seeds {text!r}: give whole numbers with commas between, as in 0,1,2") from None
    if min(seeds) < 0:
        raise MebenchError(f"--seeds {text!r}: a seed is not negative")
    return seeds

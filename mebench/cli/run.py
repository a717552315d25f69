"""``mebench run MODEL PROTOCOL``."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from typing import Any

import click

from mebench.cli.console import warn
from mebench.cli.options import (
    annotations_option,
    data_option,
    parse_data,
    plugins_of,
    repairs_option,
    runs_option,
)
from mebench.errors import MebenchError
from mebench.plugin.loading import Plugins


@click.command()
@click.argument("model")
@click.argument("protocol")
@click.option("--synthetic", is_flag=True, help="Use a small synthetic twin: no dataset is needed.")
@data_option
@annotations_option
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
@click.option("--allow-dropped", is_flag=True, help="Run although faulty clips had to be dropped.")
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
    from mebench.models.settings import make_settings
    from mebench.paths import cache_folder
    from mebench.runner.run import RunOptions, execute

    plugins = plugins_of(ctx)
    for problem in plugins.problems():
        warn(problem)
    entry = plugins.registry.get("model", model)
    plugins.registry.get("protocol", protocol)
    seeds = _seeds(options["seeds"])
    kind = entry.load()
    preset = options["preset"] or ("small" if options["synthetic"] and "small" in kind.presets else None)
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
    )
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
        click.echo("stopped; finished folds are kept, and the same command goes on from here", err=True)
        ctx.exit(130)
    print_outcome(outcome, as_json=as_json)
    if outcome.failed:
        raise MebenchError(
            f"{len(outcome.failed)} fold(s) failed ({next(iter(outcome.failed.values()))}); tracebacks are in "
            f"{outcome.directory.path / 'folds'}/*.error.txt, and the same command tries them again"
        )


def _cohort(plugins: Plugins, protocol: str, view: Any, options: dict[str, Any]) -> Any:
    """Return the protocol's cohort, or say why it must not be used."""
    from mebench.cohort.building import build_cohort
    from mebench.data.locations import Location, find_data
    from mebench.data.sources import open_dataset
    from mebench.synthetic.cached import open_twin
    from mebench.synthetic.twin import TwinOptions

    definition = plugins.registry.get("protocol", protocol).load()
    folders = parse_data(options["data_folders"], definition.datasets)
    if options["synthetic"] and (folders or options["annotations"]):
        raise MebenchError("--synthetic makes its own data: leave out --data and --annotations")
    if options["annotations"] and len(definition.datasets) > 1:
        raise MebenchError(
            "--annotations FILE fits a protocol of one dataset: use `mebench data add` for each"
        )
    data = []
    # A composite's twins are smaller each, so that a trial run stays one.
    count = len(definition.datasets)
    twin = TwinOptions(subjects=8 if count == 1 else max(3, 12 // count))
    for name in definition.datasets:
        if options["synthetic"]:
            what = f"drawing a synthetic {name}"
            data.append(
                open_twin(
                    plugins.registry,
                    name,
                    twin,
                    partial(view.features, what),
                )
            )
            continue
        location = Location(folders[name]) if name in folders else find_data(name)
        if options["annotations"]:
            location = Location(location.root, Path(options["annotations"]))
        data.append(open_dataset(plugins.registry, name, location, repairs=options["repairs"] == "default"))
    cohort = build_cohort(definition, data)
    if (faults := cohort.faults()) and not options["allow_dropped"]:
        first = faults[0]
        more = f" (and {len(faults) - 1} more clip(s))" if len(faults) > 1 else ""
        place = next(d.annotation for d in cohort.data if first.key.startswith(d.dataset + "/"))
        raise MebenchError(
            f"{place}, row {first.row}, clip {first.key}: {first.reason}{more}; mend the data, or leave such clips "
            "out with --allow-dropped, which the record will say"
        )
    if faults:
        warn(f"{len(faults)} faulty clip(s) are left out (--allow-dropped); run.json names them")
    if not cohort.twin:
        differences = cohort.differences()
        for difference in differences:
            warn(f"{definition.name}: {difference} (published counts: {definition.source or 'the protocol'})")
        if differences:
            warn(
                f"`mebench protocol diff {definition.name} --list FILE` names the clips that differ from a list"
            )
    return cohort


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise MebenchError(f"--seeds {text!r}: give whole numbers with commas between, as in 0,1,2") from None
    if min(seeds) < 0:
        raise MebenchError(f"--seeds {text!r}: a seed is not negative")
    return seeds

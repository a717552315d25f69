"""``mebench fit MODEL PROTOCOL --out DIR``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mebench.cli.console import print_json
from mebench.cli.options import plugins_told
from mebench.cli.run_options import (
    cohort_of,
    read_run_options,
    settings_of,
    stop_as_with_ctrl_c,
    training_options,
)
from mebench.display.consoles import say


@click.command()
@click.argument("model")
@click.argument("protocol")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder to write: model.json and weights.safetensors.",
)
@click.option("--force", is_flag=True, help="Replace the kept model that lies there.")
@training_options
@click.option("--seed", default=0, show_default=True, help="Chance in training comes from it.")
@click.option("--json", "as_json", is_flag=True, help="Print model.json.")
@click.pass_context
def fit(
    ctx: click.Context, /, model: str, protocol: str, out: Path, force: bool, as_json: bool, **options: Any
) -> None:
    """Train MODEL on the whole cohort of PROTOCOL and keep it in a folder.

    No clip is left out, so nothing here says what it is worth: `mebench run MODEL PROTOCOL` does. The folder can be
    moved anywhere; it was learnt from licensed data (docs/fitted.md says what that means).
    """
    from mebench.cohort.opening import load_protocol
    from mebench.display.progress import progress_bar
    from mebench.features.store import user_store
    from mebench.models.fitted import read_about
    from mebench.models.kept import WEIGHTS_FILE, refuse_taken
    from mebench.runner.fitting import fit_whole
    from mebench.runner.named import check_chosen, named_model

    plugins = plugins_told(ctx)
    named = named_model(plugins, model, **settings_of(options))
    run_options = read_run_options({**options, "seeds": str(options["seed"])})
    check_chosen(
        plugins, replace(run_options, save_models=True), named, load_protocol(plugins.registry, protocol)
    )
    refuse_taken(out, replaced=force)
    stop_as_with_ctrl_c()
    try:
        with progress_bar() as report:
            cohort = cohort_of(plugins, protocol, options, report)
            fit_whole(
                named.entry,
                named.model,
                cohort,
                run_options,
                user_store(),
                report,
                out,
                replaced=force,
                asked=named.asked,
            )
    except KeyboardInterrupt:
        say(f"stopped; {out} was not written", err=True)
        ctx.exit(130)
    about = read_about(out)
    if as_json:
        print_json(about)
        return
    size = (out / WEIGHTS_FILE).stat().st_size / 2**20
    kind = "synthetic clips" if about["synthetic"] else "clips"
    subjects = cohort.clips["group"].nunique()
    say(
        f"{out}: {about['model']}, trained on {about['trained_on']} {kind} of {subjects} subjects "
        f"({about['protocol']}), {size:{'.0f' if size >= 10 else '.2f'}} MiB of weights"
    )

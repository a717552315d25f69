"""``mebench show RUN``."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import plugins_of, runs_option
from mebench.errors import MebenchError


@click.command()
@click.argument("run")
@click.option(
    "--metric", "metrics", metavar="NAME", multiple=True, help="Add a plugin's metric; several may."
)
@click.option("--curves", is_flag=True, help="Show loss and what else the model reported by epoch, as plots.")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def show(
    ctx: click.Context, run: str, metrics: tuple[str, ...], curves: bool, runs: Path, as_json: bool
) -> None:
    """Show the scores of RUN: a folder, or a name from `mebench list runs`. They are computed anew.

    With --curves its curves are shown instead, also while folds are missing.
    """
    from mebench.cli.console import print_json
    from mebench.cli.scores import print_run_scores
    from mebench.records import find_run
    from mebench.scoring.metric import score_metrics
    from mebench.scoring.rebuild import read_predictions, score_pooled

    directory = find_run(run, runs)
    if curves:
        if metrics:
            raise MebenchError("--curves shows curves instead of scores: leave out --metric")
        from mebench.cli.curves import curves_of, print_curves

        found = curves_of(directory)
        if as_json:
            print_json({**directory.about(), "curves": found})
        else:
            print_curves(directory, found)
        return
    pooled = read_predictions(directory)
    added = score_metrics(plugins_of(ctx).registry, metrics, pooled) if metrics else {}
    scores = score_pooled(pooled)
    if as_json:
        print_json({**directory.about(), **scores, **({"metrics": added} if added else {})})
    else:
        print_run_scores(directory.read_run(), scores, added)

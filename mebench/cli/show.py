"""``mebench show RUN``."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import runs_option
from mebench.errors import MebenchError, near_matches


@click.command()
@click.argument("run")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def show(run: str, runs: Path, as_json: bool) -> None:
    """Show the scores of RUN: a folder, or a name from `mebench list runs`. They are computed anew."""
    from mebench.cli.console import print_json
    from mebench.cli.scores import print_scores
    from mebench.records import find_runs
    from mebench.scoring.rebuild import score_run

    found = list(find_runs(runs))
    matches = [d for d in found if run in (str(d.path), d.path.name, f"{d.path.parent.name}/{d.path.name}")]
    if not matches and (Path(run) / "run.json").exists():
        from mebench.records import RunDirectory

        matches = [RunDirectory(Path(run))]
    if len(matches) != 1:
        names = [f"{d.path.parent.name}/{d.path.name}" for d in found]
        several = f"{len(matches)} runs are" if matches else "there is no run"
        raise MebenchError(f"{several} named {run!r} in {runs}{near_matches(run, names)}")
    scores = score_run(matches[0])
    if as_json:
        print_json({**matches[0].about(), **scores})
    else:
        print_scores(matches[0].read_run(), scores)

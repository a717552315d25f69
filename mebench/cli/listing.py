"""``mebench list``: what there is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mebench.cli.console import print_json, print_table, warn
from mebench.cli.options import plugins_of, runs_option
from mebench.errors import MebenchError, UnknownNameError
from mebench.plugin.loading import BLOCK_VARIABLE, PluginInfo, Plugins
from mebench.plugin.registry import Entry, Kind

_WHAT = ("models", "datasets", "protocols", "plugins", "runs")


@click.command("list")
@click.argument("what", required=False, metavar=f"[{'|'.join(_WHAT)}]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@runs_option
@click.pass_context
def list_(ctx: click.Context, what: str | None, as_json: bool, runs: Path) -> None:
    """List models, datasets, protocols, plugins or runs; all but runs when WHAT is left out."""
    if what is not None and what not in _WHAT:
        raise UnknownNameError("list", what, _WHAT)
    plugins = plugins_of(ctx)
    wanted = [what] if what else [each for each in _WHAT if each != "runs"]
    if as_json:
        print_json({each: _content(each, plugins, runs) for each in wanted})
    else:
        for each in wanted:
            _print(each, plugins, runs)
    for problem in plugins.problems():
        warn(problem)


def _content(what: str, plugins: Plugins, runs: Path) -> list[dict[str, Any]]:
    if what == "plugins":
        return [asdict(info) for info in plugins.infos]
    if what == "runs":
        return _runs(runs)
    return [
        {**asdict(entry), "settings": dict(entry.settings), "missing": entry.missing_requirements()}
        for entry in plugins.registry.entries(_kind(what))
    ]


def _print(what: str, plugins: Plugins, runs: Path) -> None:
    if what == "plugins":
        rows = [(i.name, f"{i.distribution} {i.version}", _state(i)) for i in plugins.infos]
        print_table("Plugins", ("name", "package", "state"), rows)
    elif what == "runs":
        rows_of_runs = [
            (
                r["run"],
                f"{r['done']}/{r['folds']}",
                _percent(r["uf1"]),
                ("synthetic" if r["synthetic"] else "real")
                + (", SUBJECT-DEPENDENT" if r["subject_dependent"] else ""),
            )
            for r in _runs(runs)
        ]
        print_table(f"Runs in {runs}", ("run", "folds", "UF1", "data"), rows_of_runs, right=("folds", "UF1"))
    else:
        entries = plugins.registry.entries(_kind(what))
        print_table(
            what.capitalize(), ("name", "title", "plugin"), [(_name(e), _title(e), e.plugin) for e in entries]
        )


def _state(plugin: PluginInfo) -> str:
    if plugin.blocked:
        return f"blocked by {BLOCK_VARIABLE}"
    return f"skipped: {plugin.problem}" if plugin.problem else "ok"


def _kind(what: str) -> Kind:
    return what.removesuffix("s")  # type: ignore[return-value]


def _name(entry: Entry) -> str:
    return entry.name + "".join(f" = {alias}" for alias in entry.aliases)


def _title(entry: Entry) -> str:
    missing = entry.missing_requirements()
    return entry.title + (f" [needs {', '.join(missing)}: pip install '{entry.extra}']" if missing else "")


def _runs(folder: Path) -> list[dict[str, Any]]:
    from mebench.files import read_json
    from mebench.records import find_runs

    found = []
    for directory in find_runs(folder):
        try:
            run = directory.read_run()
            scores = read_json(directory.scores_file) if directory.scores_file.exists() else None
        except MebenchError as error:
            warn(str(error))
            continue
        found.append(
            {
                "run": str(directory.path),
                "model": run["model"],
                "protocol": run["protocol"],
                "done": len(list(directory.path.glob("folds/*.json"))),
                "folds": run["cohort"]["folds"] * len(run["seeds"]),
                "uf1": scores["uf1"]["mean"] if scores and "uf1" in scores else None,
                "synthetic": run["synthetic"],
                "shuffled_labels": run["shuffled_labels"],
                "subject_dependent": run.get("subject_dependent", False),
            }
        )
    return found


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"

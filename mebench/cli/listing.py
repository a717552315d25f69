"""``mebench list``: what there is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mebench.cli.console import print_json, print_table, warn
from mebench.cli.options import plugins_of, runs_option
from mebench.errors import UnknownNameError
from mebench.plugin.loading import BLOCK_VARIABLE, PluginInfo, Plugins
from mebench.plugin.metadata import Kind
from mebench.plugin.registry import Entry

# Few plugins have any of these: they are shown where there are some.
_ADDED = ("commands", "metrics", "executors", "trackers")
_WHAT = ("models", "datasets", "protocols", *_ADDED, "plugins", "runs")


@click.command("list")
@click.argument("what", required=False, metavar=f"[{'|'.join(_WHAT)}]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@runs_option
@click.pass_context
def list_(ctx: click.Context, what: str | None, as_json: bool, runs: Path) -> None:
    """List models, datasets, protocols, plugins or runs, or the commands, metrics, executors and trackers of plugins.

    Without WHAT: all but runs.
    """
    if what is not None and what not in _WHAT:
        raise UnknownNameError("list", what, _WHAT)
    plugins = plugins_of(ctx)
    wanted = [what] if what else [each for each in _WHAT if each != "runs"]
    if as_json:
        print_json({each: _content(each, plugins, runs) for each in wanted})
    else:
        for each in wanted:
            if what or _is_any(each, plugins):
                _print(each, plugins, runs)
    for problem in plugins.problems():
        warn(problem)


def _is_any(what: str, plugins: Plugins) -> bool:
    return what not in _ADDED or bool(plugins.registry.entries(_kind(what)))


def _content(what: str, plugins: Plugins, runs: Path) -> list[dict[str, Any]]:
    if what == "plugins":
        return [asdict(info) for info in plugins.infos]
    if what == "runs":
        from mebench.scoring.listing import run_rows

        return [dict(row) for row in run_rows(runs)]
    return [
        {
            **{name: value for name, value in asdict(entry).items() if name != "file"},
            "settings": dict(entry.settings),
            "missing": entry.missing_requirements(),
        }
        for entry in plugins.registry.entries(_kind(what))
    ]


def _print(what: str, plugins: Plugins, runs: Path) -> None:
    if what == "plugins":
        rows = [(i.name, f"{i.distribution} {i.version}", _state(i)) for i in plugins.infos]
        print_table("Plugins", ("name", "package", "state"), rows)
    elif what == "runs":
        from mebench.scoring.listing import run_rows, runs_table

        table = runs_table(f"Runs in {runs}", run_rows(runs))
        print_table(table.title, table.columns, table.rows, right=table.right)
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

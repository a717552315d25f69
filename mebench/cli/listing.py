"""``mebench list``: what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mebench.cli.console import print_json, print_table, warn
from mebench.cli.options import plugins_of, runs_option
from mebench.errors import MebenchError, UnknownNameError
from mebench.plugin.entry import Entry
from mebench.plugin.families import Family
from mebench.plugin.loading import BLOCK_VARIABLE, PluginInfo, Plugins
from mebench.plugin.metadata import KINDS, Kind
from mebench.plugin.registry import Registry
from mebench.plugin.search import matching, near

# Few plugins have any of these: they are shown where there are some.
_ADDED = ("commands", "metrics", "executors", "trackers")
_WHAT = ("models", "datasets", "protocols", *_ADDED, "plugins", "runs")


@click.command("list")
@click.argument("what", required=False, metavar=f"[{'|'.join(_WHAT)}]")
@click.option(
    "--search",
    metavar="TEXT",
    help="Only what holds a text in its name or title; with the prefix of a library, PREFIX:TEXT, among its names.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@runs_option
@click.pass_context
def list_(ctx: click.Context, what: str | None, search: str | None, as_json: bool, runs: Path) -> None:
    """List models, datasets, protocols, plugins or runs, or the commands, metrics, executors and trackers of plugins.

    Without WHAT: all but runs.
    """
    if what is not None and what not in _WHAT:
        raise UnknownNameError("list", what, _WHAT)
    plugins = plugins_of(ctx)
    wanted = [what] if what else [each for each in _WHAT if each != "runs"]
    if search is not None:
        _search(plugins.registry, what, search, as_json=as_json)
    elif as_json:
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
    return _plain(_listed(plugins.registry, _kind(what)))


def _print(what: str, plugins: Plugins, runs: Path) -> None:
    if what == "plugins":
        rows = [(i.name, f"{i.distribution} {i.version}", _state(i)) for i in plugins.infos]
        print_table("Plugins", ("name", "package", "state"), rows)
    elif what == "runs":
        from mebench.scoring.listing import run_rows, runs_table

        table = runs_table(f"Runs in {runs}", run_rows(runs))
        print_table(table.title, table.columns, table.rows, right=table.right)
    else:
        _print_entries(what.capitalize(), _listed(plugins.registry, _kind(what)))


def _search(registry: Registry, what: str | None, text: str, *, as_json: bool) -> None:
    kinds = [kind for kind in KINDS if what in (None, f"{kind}s")]
    if not kinds:
        raise MebenchError(f"--search looks through {', '.join(f'{kind}s' for kind in KINDS)}, not {what}")
    found = {kind: matching(registry, kind, text) for kind in kinds}
    if as_json:
        print_json({f"{kind}s": _plain(entries) for kind, entries in found.items()})
        return
    for kind, entries in found.items():
        if entries or what:
            _print_entries(f"{kind.capitalize()}s with {text!r}", entries)
    if not any(found.values()):
        alike = [entry for kind in kinds for entry in near(registry, kind, text)]
        _print_entries(f"Spelt most like {text!r}", alike)


def _listed(registry: Registry, kind: Kind) -> list[Entry]:
    return [*registry.entries(kind), *registry.families(kind)]


def _plain(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    hidden = ("names", "_known", "file")
    return [
        {name: value for name, value in asdict(entry).items() if name not in hidden}
        | {"name": _name(entry, alone=True), "missing": entry.missing_requirements()}
        for entry in entries
    ]


def _print_entries(title: str, entries: Sequence[Entry]) -> None:
    print_table(title, ("name", "title", "plugin"), [(_name(e), _title(e), e.plugin) for e in entries])


def _state(plugin: PluginInfo) -> str:
    if plugin.blocked:
        return f"blocked by {BLOCK_VARIABLE}"
    return f"skipped: {plugin.problem}" if plugin.problem else "ok"


def _kind(what: str) -> Kind:
    return what.removesuffix("s")  # type: ignore[return-value]


def _name(entry: Entry, *, alone: bool = False) -> str:
    name = f"{entry.name}NAME" if isinstance(entry, Family) else entry.name
    return name if alone else name + "".join(f" = {alias}" for alias in entry.aliases)


def _title(entry: Entry) -> str:
    shortcoming = entry.shortcoming()
    return f"{entry.title} [{shortcoming}]" if shortcoming else entry.title

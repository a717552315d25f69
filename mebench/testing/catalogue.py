"""A page of all that is installed: each plugin, what it registers, and whether it passed the checks.

write_atomically(path, catalogue(plugins, reports))
"""

from __future__ import annotations

from collections.abc import Sequence

import mebench
from mebench.plugin.entry import Entry
from mebench.plugin.loading import PluginInfo, Plugins
from mebench.plugin.metadata import KINDS
from mebench.testing.report import Report


def catalogue(plugins: Plugins, reports: Sequence[Report]) -> str:
    """Return the page as Markdown; the same plugins and reports give the same bytes."""
    lines = [
        "# Catalogue of plugins",
        "",
        f"What is installed beside mebench {mebench.__version__}, what it registers, and what `mebench check` says",
        "of it. A model, dataset, protocol or input has *passed* where none of its checks failed; checks that do not",
        "apply are not counted. Commands, metrics, executors and trackers have no checks.",
    ]
    for info in plugins.infos:
        lines += ["", *_section(info, plugins, reports)]
    return "\n".join(lines) + "\n"


def _section(info: PluginInfo, plugins: Plugins, reports: Sequence[Report]) -> list[str]:
    head = [
        f"## {_cell(info.name)}",
        "",
        f"{_cell(info.distribution)} {_cell(info.version)}, `{info.module}`",
    ]
    if info.problem or info.blocked:
        return [*head, "", f"**Skipped:** {_cell(info.problem) or 'blocked by the user'}"]
    rows: list[tuple[str, str, str, str]] = [
        (kind, name, entry.title, _verdict(kind, name, entry, reports))
        for kind in KINDS
        for name, entry in _named(plugins, kind, info.name)
    ]
    rows += [
        ("input", each.name, "", _result(each))
        for each in reports
        if each.kind == "input" and each.plugin == info.name
    ]
    if not rows:
        return [*head, "", "It registers nothing."]
    table = ["| kind | name | what it is | checks |", "|---|---|---|---|"]
    table += [
        f"| {kind} | `{_cell(name)}` | {_cell(title)} | {verdict} |" for kind, name, title, verdict in rows
    ]
    failed = [
        f"- `{_cell(each.name)}` ({each.kind}), {_cell(outcome.check)}: {_cell(outcome.said)}"
        for each in reports
        if each.plugin == info.name
        for outcome in each.failed
    ]
    return [*head, "", *table, *(["", "What failed:", "", *failed] if failed else [])]


def _named(plugins: Plugins, kind: str, plugin: str) -> list[tuple[str, Entry]]:
    """Return the names of a kind that a plugin registers; of a family the one that stands for it."""
    registry = plugins.registry
    found = [(entry.name, entry) for entry in registry.entries(kind) if entry.plugin == plugin]  # type: ignore[arg-type]
    if kind == "model":
        found += [
            (each.name + each.example, each) for each in registry.families("model") if each.plugin == plugin
        ]
    return found


def _verdict(kind: str, name: str, entry: Entry, reports: Sequence[Report]) -> str:
    # Two models may share an input: the first report of a name is that of the name.
    report = next((each for each in reports if (each.kind, each.name) == (kind, name)), None)
    if report is not None:
        return _result(report)
    return f"not checked: {_cell(entry.shortcoming())}" if entry.shortcoming() else ""


def _result(report: Report) -> str:
    if report.missing:
        return f"not checked: {_cell(report.missing)}"
    asked = [each for each in report.outcomes if each.state != "not asked"]
    if report.failed:
        return f"**{len(report.failed)} of {len(asked)} failed**"
    return f"passed ({len(asked)})"


def _cell(text: str) -> str:
    """Return text for a cell of a table, in which it can start nothing."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())

"""A page for every protocol, dataset and model that is installed, and lists of them: what ``mebench info`` says."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from links import ROOT
from markdown import bullets, code, escaped, link, paragraphs, table

from mebench.cli.blocks import Block, Lines
from mebench.cli.info import about, head
from mebench.cohort.opening import load_protocol
from mebench.models.setting_text import in_words
from mebench.plugin.entry import Entry
from mebench.plugin.registry import Registry
from mebench.plugin.target import module_of

_ADDED = ("executor", "tracker", "metric", "command")


def pages(registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield place in the site without ending, and Markdown, of all pages.

    Raises:
        MebenchError: something that is registered cannot be loaded, though all that it needs is installed.
    """
    protocols = {entry.name: load_protocol(registry, entry.name) for entry in registry.entries("protocol")}
    uses = {
        entry.name: [name for name, protocol in protocols.items() if entry.name in protocol.datasets]
        for entry in registry.entries("dataset")
    }
    yield "protocols/index", _protocols(registry, protocols)
    for entry in registry.entries("protocol"):
        yield f"protocols/{entry.name}", _protocol(registry, entry, protocols[entry.name])
    yield "datasets/index", _datasets(registry, uses)
    for entry in registry.entries("dataset"):
        yield f"datasets/{entry.name}", _dataset(registry, entry, uses[entry.name])
    yield "models/index", _models(registry)
    for entry in registry.entries("model"):
        yield f"models/{entry.name}", _model(registry, entry)
    yield "added", _added(registry)


def _protocols(registry: Registry, protocols: dict[str, Any]) -> str:
    columns = ("name", "what it is", "clips", "subjects", "classes", "datasets")
    rows = []
    for entry in registry.entries("protocol"):
        protocol = protocols[entry.name]
        expected = protocol.expected
        rows.append(
            (
                link(code(entry.name), f"{entry.name}.md"),
                escaped(entry.title),
                escaped(expected.clips if expected else "-"),
                escaped(expected.subjects if expected and expected.subjects else "-"),
                str(len(protocol.classes)) if protocol.classes else f"{len(protocol.aus)} action units",
                ", ".join(link(code(name), f"../datasets/{name}.md") for name in protocol.datasets),
            )
        )
    return _page(
        "Protocols",
        "Which clips count, under which classes, in which folds. Counts are the published ones; every run compares "
        "them with what it finds. `mebench info NAME` says the same on a terminal.",
        table(columns, rows, right=("clips", "subjects")),
    )


def _protocol(registry: Registry, entry: Entry, protocol: Any) -> str:
    board = ROOT / "leaderboards" / f"{entry.name}.md"
    return _page(
        code(entry.name),
        _summary(entry),
        "Datasets: "
        + ", ".join(link(code(name), f"../datasets/{name}.md") for name in protocol.datasets)
        + ".",
        _console(f"mebench run MODEL {entry.name}"),
        f"{link('Its board', f'../boards/{entry.name}.md')}." if board.exists() else "",
        *map(_block, about(registry, entry)),
    )


def _datasets(registry: Registry, uses: dict[str, list[str]]) -> str:
    rows = [
        (
            link(code(entry.name), f"{entry.name}.md"),
            escaped(entry.title),
            ", ".join(
                link(code(name), f"../protocols/{name}.md") for name in uses[entry.name] or entry.stands_in
            ),
        )
        for entry in registry.entries("dataset")
    ]
    return _page(
        "Datasets",
        "Each is read from your own licensed copy, in the layouts that its owners publish. None of its pictures or "
        "annotations is part of mebench.",
        table(("name", "what it is", "protocols"), rows),
    )


def _dataset(registry: Registry, entry: Entry, uses: Sequence[str]) -> str:
    named = [link(code(name), f"../protocols/{name}.md") for name in uses or entry.stands_in]
    return _page(
        code(entry.name),
        _summary(entry),
        f"Protocols that use it: {', '.join(named)}." if named else "No protocol uses it.",
        _console(f"mebench data add {entry.name} FOLDER\nmebench data check {entry.name}"),
        *map(_block, about(registry, entry)),
        _documented(importlib.import_module(module_of(entry.target)), "What is known of its releases"),
    )


def _models(registry: Registry) -> str:
    rows = [
        (link(code(entry.name), f"{entry.name}.md"), escaped(entry.title), escaped(entry.reference))
        for entry in registry.entries("model")
    ]
    families = [
        (code(f"{family.name}NAME"), escaped(family.title), escaped(family.reference))
        for family in registry.families("model")
    ]
    return _page(
        "Models",
        "Each with its authors' recipe, and a card of what is known, assumed and wrong in published code. Parameters "
        f"are counted in {link('Baselines', '../baselines.md')}.",
        table(("name", "what it is", "reference"), rows + families),
    )


def _model(registry: Registry, entry: Entry) -> str:
    base = ""
    if entry.extends and ":" not in entry.extends:
        base = f"A variant of {link(code(entry.extends), f'{entry.extends}.md')}: {escaped(in_words(entry.settings))}."
    return _page(
        code(entry.name),
        _summary(entry),
        base,
        _console(f"mebench run {entry.name} PROTOCOL"),
        *([escaped(entry.shortcoming())] if entry.shortcoming() else map(_block, about(registry, entry))),
        _documented(entry.load(), "How it is built") if not entry.shortcoming() else "",
    )


def _added(registry: Registry) -> str:
    parts = []
    for kind in _ADDED:
        for entry in registry.entries(kind):
            parts += [f"## {code(entry.name)} ({kind})", _summary(entry)]
            if entry.shortcoming():
                parts.append(f"Here it {escaped(entry.shortcoming())}.")
            else:
                parts += [_block(block, level=3) for block in about(registry, entry)]
    return _page(
        "Executors and trackers",
        "What else the installed plugins add: executors work at folds elsewhere, trackers follow runs, metrics and "
        f"commands come from plugins of yours ({link('Writing a plugin', 'plugins.md')}).",
        *parts,
    )


def _summary(entry: Entry) -> str:
    said = [escaped(line) for line in head(entry).lines]
    return f"{said[0]}.\n\n{bullets(said[1:])}" if said[1:] else f"{said[0]}."


def _block(block: Block, *, level: int = 2) -> str:
    heading = f"{'#' * level} {escaped(block.title)}"
    if isinstance(block, Lines):
        lines = [escaped(line.removeprefix("- ")) for line in block.lines if line.strip()]
        return f"{heading}\n\n{bullets(lines)}" if lines else ""
    cells = [[*map(escaped, row)] for row in block.cells()]
    if not cells:
        return ""
    return f"{heading}\n\n{table([*map(escaped, block.columns)], cells, right=[*map(escaped, block.right)])}"


def _documented(thing: Any, title: str) -> str:
    """Return what the source says of itself, under a title; nothing where it says nothing."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return f"## {title}\n\n{paragraphs(text)}" if text else ""


def _console(commands: str) -> str:
    return f"```console\n{commands}\n```"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *filter(None, parts)]) + "\n"

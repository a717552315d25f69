"""``mebench info NAME``: all about a model, a dataset, a protocol or what else a plugin adds.

The same lists and tables, :func:`head` and :func:`about`, are its page in the documentation.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import click

from mebench.cli.blocks import Block, Lines, print_blocks
from mebench.cli.console import print_json, warn
from mebench.cli.options import plugins_of
from mebench.errors import MebenchError
from mebench.models.variants import variant_name
from mebench.plugin.entry import Entry
from mebench.plugin.registry import Registry
from mebench.scoring.tables import Table


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def info(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show all about NAME: a model, dataset or protocol, or a plugin's command, metric, executor or tracker.

    A model in a file has a name, too: models/tiny.py:Tiny. Settings behind a model's name are shown with it:
    'famnet[attention=none]', in quotes for the shell.
    """
    registry = plugins_of(ctx).registry
    entries = registry.find(name)
    if entries[0].file is not None:
        from mebench.models.loading import find_model

        entries = [find_model(registry, name)[0]]
    if as_json:
        print_json([_json(registry, entry) for entry in entries])
        return
    for entry in entries:
        _print_entry(registry, entry)


# Kind -> what loads one; each is imported for its own kind alone.
_LOADERS = {
    "protocol": "mebench.cohort.opening:load_protocol",
    "dataset": "mebench.data.sources:load_dataset",
    "ready": "mebench.data.sources:load_ready",
    "metric": "mebench.scoring.metric:metric_class",
    "executor": "mebench.runner.chosen_executor:executor_class",
    "tracker": "mebench.runner.tracking:tracker_class",
    "command": "mebench.cli.added:load_command",
}


def _load(registry: Registry, entry: Entry) -> Any:
    """Return what an entry stands for, once it is found sound; of a model, its card."""
    if entry.kind == "model":
        from mebench.cli.model_card import known_card

        return known_card(entry)
    module, _, function = _LOADERS["ready" if entry.stands_in else entry.kind].partition(":")
    return getattr(importlib.import_module(module), function)(registry, entry.name)


def _json(registry: Registry, entry: Entry) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": entry.kind,
        "name": entry.name,
        "title": entry.title,
        "reference": entry.reference,
        "needs": entry.needs,
        "plugin": entry.plugin,
        "target": entry.target,
        "aliases": entry.aliases,
        "extends": entry.extends,
    }
    try:
        loaded = _load(registry, entry)
    except MebenchError as error:
        if entry.assigned:  # a setting that the user wrote is wrong, and not the plugin
            raise
        return content | {"problem": str(error)}
    if entry.kind == "model":
        content |= loaded
    elif entry.kind == "protocol":
        content |= {
            "datasets": loaded.datasets,
            "classes": loaded.classes,
            "labels": loaded.labels,
            "left_out": loaded.left_out,
            "aus": loaded.aus,
            "split": str(loaded.split),
            "subject_dependent": loaded.subject_dependent,
            "excluded": loaded.excluded,
            "source": loaded.source,
            "notes": loaded.notes,
        }
    elif entry.stands_in:
        content |= {
            "stands_in": entry.stands_in,
            "holds": loaded.holds,
            "size": loaded.size,
            "known": loaded.known,
            "unknown": loaded.unknown,
        }
    elif entry.kind == "dataset":
        content |= {
            "layouts": [layout.template for layout in loaded.layouts],
            "editions": [edition.name for edition in loaded.editions],
            "repairs": [str(repair) for repair in loaded.repairs.repairs],
        }
    else:
        rows = _executor_settings(entry, loaded)
        content |= {"description": _description(entry, loaded), "use": _use(entry)}
        content |= {"settings": rows} if rows else {}
    return content


def _print_entry(registry: Registry, entry: Entry) -> None:
    print_blocks([head(entry)])
    try:
        found = [*about(registry, entry)]
    except MebenchError as error:
        if entry.assigned:
            raise
        warn(str(error))
        return
    print_blocks(found)


def head(entry: Entry) -> Lines:
    """Return what an entry says without being loaded."""
    lines = [
        f"{label}{text}"
        for label, text in (
            ("", entry.title),
            ("reference: ", entry.reference),
            ("needs: ", entry.needs),
            ("also called: ", ", ".join(entry.aliases)),
            ("a variant of: ", variant_name(entry.extends, entry.settings) if entry.extends else ""),
        )
        if text
    ]
    return Lines(f"{entry.name} ({entry.kind} of plugin {entry.plugin})", lines)


def about(registry: Registry, entry: Entry) -> Iterator[Block]:
    """Yield what is to be said of an entry beside its head, as lists and tables.

    Raises:
        MebenchError: it cannot be loaded, or is not what it must be.
    """
    loaded = _load(registry, entry)
    if entry.kind == "model":
        from mebench.cli.model_card import card_blocks

        yield from card_blocks(loaded)
    elif entry.kind == "protocol":
        yield from _of_protocol(loaded)
    elif entry.kind == "dataset":
        yield from _of_ready(entry, loaded) if entry.stands_in else _of_dataset(loaded)
    else:
        yield from _of_added(entry, loaded)


def _of_added(entry: Entry, loaded: Any) -> Iterator[Block]:
    yield Lines("Description", _description(entry, loaded).splitlines())
    if rows := _executor_settings(entry, loaded):
        written = f"--executor '{entry.name}[NAME=VALUE,...]'"
        yield Table(f"Settings: {written}", (*rows[0],), [[*row.values()] for row in rows])
    yield Lines("Use", [_use(entry)])


def _description(entry: Entry, loaded: Any) -> str:
    text = loaded.help if entry.kind == "command" else loaded.__doc__  # no base class's text
    return inspect.cleandoc(text or "")


def _use(entry: Entry) -> str:
    """Return the command line that uses what a plugin adds."""
    return {
        "command": f"mebench {entry.name} --help",
        "metric": f"mebench show RUN --metric {entry.name}",
        "executor": f"mebench run MODEL PROTOCOL --executor {entry.name}",
        "tracker": f"mebench run MODEL PROTOCOL --tracker {entry.name}",
    }[entry.kind]


def _executor_settings(entry: Entry, loaded: Any) -> list[dict[str, str]]:
    if entry.kind != "executor":
        return []
    from mebench.cli.model_card import setting_rows

    return setting_rows(loaded.Settings)


def _of_protocol(protocol: Any) -> Iterator[Block]:
    for dataset in protocol.datasets:
        if not protocol.classes:
            continue
        rows = [(word, name, "") for word, name in protocol.labels[dataset].items()]
        rows += [(word, "left out", why) for word, why in protocol.left_out.get(dataset, {}).items()]
        yield Table(f"Labels of {dataset}", (protocol.label_by.replace("_", " "), "class", "why"), rows)
    if protocol.expected:
        counts = [_counts_row("all", protocol.expected, protocol.classes)]
        counts += [
            _counts_row(name, part, protocol.classes) for name, part in protocol.expected.datasets.items()
        ]
        columns = ("published counts", "clips", "subjects", *protocol.classes)
        yield Table("Published counts", columns, counts, right=columns[1:])
    if protocol.aus:
        yield Lines("Action units", [", ".join(map(str, protocol.aus))])
    shared = ["SUBJECT-DEPENDENT: training and test share subjects"] if protocol.subject_dependent else []
    yield Lines("Folds", [str(protocol.split), *shared])
    yield Lines("Left out clip by clip", [f"{clip}: {why}" for clip, why in protocol.excluded.items()])
    yield Lines("Source", [protocol.source] if protocol.source else [])
    yield Lines("Notes", protocol.notes)


def _counts_row(name: str, expected: Any, classes: tuple[str, ...]) -> tuple[object, ...]:
    return (name, expected.clips, expected.subjects, *(expected.classes.get(c) for c in classes))


def _of_ready(entry: Entry, dataset: Any) -> Iterator[Block]:
    width, height = dataset.size
    yield Lines("Ready inputs", [f"{dataset.holds}, {width} x {height}, one a clip"])
    yield Lines("They stand in for the datasets of", entry.stands_in)
    yield Lines("List of clips and labels", dataset.lists)
    yield Lines("Known", dataset.known)
    yield Lines("Not known", dataset.unknown)


def _of_dataset(dataset: Any) -> Iterator[Block]:
    yield Lines("Annotation file", [dataset.annotation_names()])
    yield Lines("Editions known of it", [edition.name for edition in dataset.editions])
    yield Lines("Frames in one of the layouts", [layout.template for layout in dataset.layouts])
    yield Lines(f"Repairs (set {dataset.repairs.name})", [str(repair) for repair in dataset.repairs.repairs])

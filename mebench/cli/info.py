"""``mebench info NAME``: all about a model, a dataset, a protocol or what else a plugin adds."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import click

from mebench.cli.added import load_command
from mebench.cli.console import print_json, print_lines, print_table, warn
from mebench.cli.options import plugins_of
from mebench.errors import MebenchError
from mebench.models.base import settings_values
from mebench.models.settings import assigned_pairs, in_words, left_open, make_settings, setting_text
from mebench.models.variants import variant_name
from mebench.plugin.entry import Entry
from mebench.plugin.registry import Registry


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


def _load(registry: Registry, entry: Entry) -> Any:
    """Return what an entry stands for, once it is found sound."""
    from mebench.cohort.opening import load_protocol
    from mebench.data.sources import load_dataset, load_ready
    from mebench.models.loading import model_of
    from mebench.runner.chosen_executor import executor_class
    from mebench.runner.tracking import tracker_class
    from mebench.scoring.metric import metric_class

    if entry.kind == "model":
        return model_of(entry)
    loaders: dict[str, Callable[[Registry, str], Any]] = {
        "protocol": load_protocol,
        "dataset": load_ready if entry.stands_in else load_dataset,
        "metric": metric_class,
        "executor": executor_class,
        "tracker": tracker_class,
        "command": load_command,
    }
    return loaders[entry.kind](registry, entry.name)


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
        return content | {"problem": str(error)}
    if entry.kind == "model":
        content |= {
            "settings": [dict(zip(_SETTING_COLUMNS, row, strict=True)) for row in _settings(entry, loaded)],
            "presets": {name: dict(values) for name, values in loaded.presets.items()},
            "ablations": {
                axis: [dict(change) for change in changes] for axis, changes in loaded.ablations.items()
            },
            "known": loaded.known,
            "wrong": loaded.wrong,
            "assumed": loaded.assumed,
        }
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
        content |= {"settings": [dict(zip(_COLUMNS, row, strict=True)) for row in rows]} if rows else {}
    return content


def _print_entry(registry: Registry, entry: Entry) -> None:
    about = [
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
    print_lines(f"{entry.name} ({entry.kind} of plugin {entry.plugin})", about)
    try:
        loaded = _load(registry, entry)
    except MebenchError as error:
        warn(str(error))
        return
    printers = {"model": _print_model, "protocol": _print_protocol, "dataset": _print_dataset}
    printers.get(entry.kind, _print_added)(entry, loaded)


def _print_added(entry: Entry, loaded: Any) -> None:
    print_lines("Description", _description(entry, loaded).splitlines())
    if rows := _executor_settings(entry, loaded):
        print_table(f"Settings: --executor '{entry.name}[NAME=VALUE,...]'", _COLUMNS, rows)
    print_lines("Use", [_use(entry)])


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


def _print_model(entry: Entry, model: Any) -> None:
    for title, card in (
        ("Known", model.known),
        ("Assumed", model.assumed),
        ("Wrong in the published code", model.wrong),
    ):
        print_lines(title, [f"- {each}" for each in card])
    rows = []
    for name, default, values, source, what in _settings(entry, model):
        fixed = default + {_FIXED: " (fixed)", _CHANGED: " (changed)"}.get(source, "")
        rows.append((f"{name} *" if source == _ASSUMED else name, fixed, values, what))
    if rows:
        print_table("Settings: --set NAME=VALUE (*: assumed, no public text states it)", _COLUMNS, rows)
    for name, values in model.presets.items():
        print_lines(f"Preset: --preset {name}", [in_words(values)])
    print_lines(
        "Ablations: mebench ablate, --axes",
        [f"{axis}: {'; '.join(map(in_words, changes))}" for axis, changes in model.ablations.items()],
    )


_COLUMNS = ("setting", "default", "values", "what it is")
_FIXED, _CHANGED, _ASSUMED = "by its name", "changed here", "assumed"
_DUE = "(yours)"  # nobody but the user can say it
_SETTING_COLUMNS = ("setting", "default", "values", "source", "what it is")


def _settings(entry: Entry, model: Any) -> list[tuple[str, str, str, str, str]]:
    properties, due = model.Settings.model_json_schema()["properties"], left_open(model, entry.settings)
    changed = dict(assigned_pairs(entry.assigned))
    if changed:  # those that are not allowed are refused here
        chosen = settings_values(make_settings(model, entry.settings, None, changed))
        changed = {name: chosen[name] for name in changed}
    values = {**entry.settings, **changed}
    return [
        (
            name,
            _DUE if name in due - set(changed) else setting_text(values.get(name, field.default)),
            _values(properties[name]),
            _source(entry, name, field),
            field.description or "",
        )
        for name, field in model.Settings.model_fields.items()
    ]


def _executor_settings(entry: Entry, loaded: Any) -> list[tuple[str, str, str, str]]:
    if entry.kind != "executor":
        return []
    properties = loaded.Settings.model_json_schema()["properties"]
    return [
        (name, setting_text(field.default), _values(properties[name]), field.description or "")
        for name, field in loaded.Settings.model_fields.items()
    ]


def _source(entry: Entry, name: str, field: Any) -> str:
    if name in entry.settings:
        return _FIXED
    if name in dict(assigned_pairs(entry.assigned)):
        return _CHANGED
    return _ASSUMED if (field.json_schema_extra or {}).get("assumed") else ""


def _values(schema: dict[str, Any]) -> str:
    """Return the values a setting may take, from its JSON schema."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "items" in schema and "enum" in schema["items"]:
        return "some of " + ", ".join(schema["items"]["enum"])
    if "anyOf" in schema:
        return " | ".join("none" if s.get("type") == "null" else _values(s) for s in schema["anyOf"])
    kind = {"boolean": "true | false", "integer": "whole number", "number": "number", "string": "text"}
    what = kind.get(schema.get("type", ""), "numbers, with commas between")
    if "minimum" in schema and "maximum" in schema:
        return f"{what} {schema['minimum']:g} to {schema['maximum']:g}"
    limits = [
        f"{sign} {schema[key]:g}"
        for key, sign in (
            ("exclusiveMinimum", ">"),
            ("minimum", ">="),
            ("exclusiveMaximum", "<"),
            ("maximum", "<="),
        )
        if key in schema
    ]
    return " ".join([what, *limits])


def _print_protocol(entry: Entry, protocol: Any) -> None:
    for dataset in protocol.datasets:
        if not protocol.classes:
            continue
        rows = [(word, name, "") for word, name in protocol.labels[dataset].items()]
        rows += [(word, "left out", why) for word, why in protocol.left_out.get(dataset, {}).items()]
        print_table(f"Labels of {dataset}", (protocol.label_by.replace("_", " "), "class", "why"), rows)
    if protocol.expected:
        counts = [_counts_row("all", protocol.expected, protocol.classes)]
        counts += [
            _counts_row(name, part, protocol.classes) for name, part in protocol.expected.datasets.items()
        ]
        columns = ("published counts", "clips", "subjects", *protocol.classes)
        print_table("Published counts", columns, counts, right=columns[1:])
    if protocol.aus:
        print_lines("Action units", [", ".join(map(str, protocol.aus))])
    shared = ["SUBJECT-DEPENDENT: training and test share subjects"] if protocol.subject_dependent else []
    print_lines("Folds", [str(protocol.split), *shared])
    print_lines("Left out clip by clip", [f"{clip}: {why}" for clip, why in protocol.excluded.items()])
    print_lines("Source", [protocol.source] if protocol.source else [])
    print_lines("Notes", protocol.notes)


def _counts_row(name: str, expected: Any, classes: tuple[str, ...]) -> tuple[object, ...]:
    return (name, expected.clips, expected.subjects, *(expected.classes.get(c) for c in classes))


def _print_dataset(entry: Entry, dataset: Any) -> None:
    if entry.stands_in:
        width, height = dataset.size
        print_lines("Ready inputs", [f"{dataset.holds}, {width} x {height}, one a clip"])
        print_lines("They stand in for the datasets of", entry.stands_in)
        print_lines("List of clips and labels", dataset.lists)
        print_lines("Known", dataset.known)
        print_lines("Not known", dataset.unknown)
        return
    print_lines("Annotation file", [dataset.annotation_names()])
    print_lines("Editions known of it", [edition.name for edition in dataset.editions])
    print_lines("Frames in one of the layouts", [layout.template for layout in dataset.layouts])
    print_lines(f"Repairs (set {dataset.repairs.name})", [str(repair) for repair in dataset.repairs.repairs])

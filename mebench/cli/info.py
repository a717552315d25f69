"""``mebench info NAME``: all about a model, a dataset or a protocol."""

from __future__ import annotations

from typing import Any

import click

from mebench.cli.console import output, print_json, print_table, warn
from mebench.cli.options import plugins_of
from mebench.errors import MebenchError
from mebench.registry import Entry


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def info(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show all about the model, dataset or protocol NAME."""
    entries = plugins_of(ctx).registry.find(name)
    if as_json:
        print_json([_json(entry) for entry in entries])
        return
    for entry in entries:
        _print_entry(entry)


def _json(entry: Entry) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": entry.kind,
        "name": entry.name,
        "title": entry.title,
        "reference": entry.reference,
        "needs": entry.needs,
        "plugin": entry.plugin,
        "target": entry.target,
        "aliases": entry.aliases,
    }
    try:
        loaded = entry.load()
    except MebenchError as error:
        return content | {"problem": str(error)}
    if entry.kind == "model":
        content |= {
            "settings": [dict(zip(_SETTING_COLUMNS, row, strict=True)) for row in _settings(entry, loaded)],
            "presets": {name: dict(values) for name, values in loaded.presets.items()},
            "known": loaded.known,
            "assumed": loaded.assumed,
        }
    elif entry.kind == "protocol":
        content |= {
            "datasets": loaded.datasets,
            "classes": loaded.classes,
            "labels": loaded.labels,
            "left_out": loaded.left_out,
            "aus": loaded.aus,
            "split": loaded.split,
            "source": loaded.source,
            "notes": loaded.notes,
        }
    else:
        content |= {
            "layouts": [layout.template for layout in loaded.layouts],
            "repairs": [str(repair) for repair in loaded.repairs.repairs],
        }
    return content


def _print_entry(entry: Entry) -> None:
    out = output()
    out.print(f"[bold]{entry.name}[/bold] ({entry.kind} of plugin {entry.plugin})")
    out.print(f"  {entry.title}", markup=False)
    for label, text in (
        ("reference", entry.reference),
        ("needs", entry.needs),
        ("also", ", ".join(entry.aliases)),
    ):
        if text:
            out.print(f"  {label}: {text}", markup=False)
    out.print()
    try:
        loaded = entry.load()
    except MebenchError as error:
        warn(str(error))
        return
    {"model": _print_model, "protocol": _print_protocol, "dataset": _print_dataset}[entry.kind](entry, loaded)


def _print_model(entry: Entry, model: Any) -> None:
    _print_lines("Known", model.known)
    _print_lines("Assumed", model.assumed)
    rows = _settings(entry, model)
    if rows:
        print_table("Settings (--set NAME=VALUE)", _SETTING_COLUMNS, rows)
    for name, values in model.presets.items():
        output().print(f"[bold]Preset {name}[/bold] (--preset {name})")
        output().print("  " + ", ".join(f"{k}={_plain(v)}" for k, v in values.items()) + "\n", markup=False)


_SETTING_COLUMNS = ("setting", "default", "values", "source", "what it is")


def _settings(entry: Entry, model: Any) -> list[tuple[str, str, str, str, str]]:
    properties = model.Settings.model_json_schema()["properties"]
    return [
        (
            name,
            _plain(entry.settings.get(name, field.default)),
            _values(properties[name]),
            _source(entry, name, field),
            field.description or "",
        )
        for name, field in model.Settings.model_fields.items()
    ]


def _source(entry: Entry, name: str, field: Any) -> str:
    if name in entry.settings:
        return "fixed by the name"
    return "assumed" if (field.json_schema_extra or {}).get("assumed") else ""


def _values(schema: dict[str, Any]) -> str:
    """Return the values a setting may take, from its JSON schema."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "items" in schema and "enum" in schema["items"]:
        return "some of " + ", ".join(schema["items"]["enum"])
    if "anyOf" in schema:
        return " | ".join("none" if s.get("type") == "null" else _values(s) for s in schema["anyOf"])
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
    kind = {"boolean": "true | false", "integer": "whole number", "number": "number", "string": "text"}
    return " ".join([kind.get(schema.get("type", ""), "numbers, with commas between"), *limits])


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_plain, value)) if isinstance(value, (tuple, list)) else str(value)


def _print_protocol(entry: Entry, protocol: Any) -> None:
    for dataset in protocol.datasets:
        rows = [(word, name, "") for word, name in protocol.labels[dataset].items()]
        rows += [(word, "left out", why) for word, why in protocol.left_out.get(dataset, {}).items()]
        print_table(f"Labels of {dataset}", ("emotion", "class", "why"), rows)
    if protocol.expected:
        counts = [("all", protocol.expected.clips), *protocol.expected.classes.items()]
        title = f"Published counts ({protocol.expected.subjects} subjects)"
        print_table(title, ("class", "clips"), counts, right=("clips",))
    if protocol.aus:
        _print_lines("Action units", [", ".join(map(str, protocol.aus))])
    _print_lines("Folds", [protocol.split])
    _print_lines("Source", [protocol.source] if protocol.source else [])
    _print_lines("Notes", protocol.notes)


def _print_dataset(entry: Entry, dataset: Any) -> None:
    _print_lines("Annotation file", [" or ".join(dataset.annotation_files)])
    _print_lines("Frames in one of the layouts", [layout.template for layout in dataset.layouts])
    _print_lines(f"Repairs (set {dataset.repairs.name})", [str(repair) for repair in dataset.repairs.repairs])


def _print_lines(title: str, lines: Any) -> None:
    if lines:
        output().print(f"[bold]{title}[/bold]")
        for line in lines:
            output().print(f"  {line}", markup=False)
        output().print()

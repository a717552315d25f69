"""A model's card: what its class says of itself, as plain values, and as what is printed of it.

card = known_card(entry)       # remembered, so that its libraries are imported once, not each time
print_blocks(card_blocks(card))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mebench.cli.blocks import Block, Lines
from mebench.models.setting_text import assigned_pairs, in_words, setting_text
from mebench.plugin.entry import Entry
from mebench.plugin.remembered import Remembered
from mebench.plugin.target import module_of
from mebench.scoring.tables import Table

if TYPE_CHECKING:
    from pydantic import BaseModel

_COLUMNS = ("setting", "default", "values", "what it is")
_FIXED, _CHANGED, _ASSUMED = "by its name", "changed here", "assumed"
_DUE = "(yours)"  # nobody but the user can say it


def known_card(entry: Entry) -> dict[str, Any]:
    """Return a model's card, as it was when it was last asked for, if nothing that decides it has changed.

    Raises:
        MebenchError: the model cannot be loaded, or is none that can be made.
    """
    if entry.file is not None:  # somebody is at work on it
        return _as_dicts(_card(entry))
    said = {"settings": repr(sorted(entry.settings.items())), "assigned": list(entry.assigned)}
    question = {"name": entry.name, "plugin": entry.plugin, "target": entry.target, **said}
    remembered = Remembered("model card", {**question, "requires": list(entry.requires)})
    if (card := remembered.known()) is None:
        with remembered.watching():
            card = _card(entry)
        remembered.keep(card, code=_code(entry))
    return _as_dicts(card)


def _as_dicts(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card in its own order: a kept answer holds names of presets and ablations in lists."""
    presets = {name: dict(values) for name, values in card["presets"]}
    ablations = {axis: [*map(dict, changes)] for axis, changes in card["ablations"]}
    whole = {**card, "presets": presets, "ablations": ablations}
    return {name: whole[name] for name in ("settings", "presets", "ablations", "known", "wrong", "assumed")}


def _card(entry: Entry) -> dict[str, Any]:
    from mebench.models.loading import model_of

    model = model_of(entry)
    return {
        "settings": _settings(entry, model),
        "presets": [[name, [*values.items()]] for name, values in model.presets.items()],
        "ablations": [
            [axis, [[*change.items()] for change in changes]] for axis, changes in model.ablations.items()
        ],
        "known": list(model.known),
        "wrong": list(model.wrong),
        "assumed": list(model.assumed),
    }


def _code(entry: Entry) -> set[str]:
    """Return the modules whose code a card comes of."""
    from mebench.models.base import Model, ModelSettings
    from mebench.models.loading import model_of
    from mebench.plugin.source import code_of_class

    kind = model_of(entry)
    found = {*code_of_class(kind, Model), *code_of_class(kind.Settings, ModelSettings)}
    return {module_of(entry.target), *found}


def card_blocks(card: dict[str, Any]) -> Iterator[Block]:
    """Yield a card for people."""
    for title, name in (("Known", "known"), ("Assumed", "assumed"), ("Wrong in the published code", "wrong")):
        yield Lines(title, [f"- {each}" for each in card[name]])
    rows = []
    for each in card["settings"]:
        name, source = each["setting"], each["source"]
        fixed = each["default"] + {_FIXED: " (fixed)", _CHANGED: " (changed)"}.get(source, "")
        rows.append((f"{name} *" if source == _ASSUMED else name, fixed, each["values"], each["what it is"]))
    if rows:
        yield Table("Settings: --set NAME=VALUE (*: assumed, no public text states it)", _COLUMNS, rows)
    for name, values in card["presets"].items():
        yield Lines(f"Preset: --preset {name}", [in_words(values)])
    yield Lines(
        "Ablations: mebench ablate, --axes",
        [f"{axis}: {'; '.join(map(in_words, changes))}" for axis, changes in card["ablations"].items()],
    )


def _settings(entry: Entry, model: Any) -> list[dict[str, str]]:
    from mebench.models.base import settings_values
    from mebench.models.settings import left_open, make_settings

    properties, due = model.Settings.model_json_schema()["properties"], left_open(model, entry.settings)
    changed = dict(assigned_pairs(entry.assigned))
    if changed:  # those that are not allowed are refused here
        chosen = settings_values(make_settings(model, entry.settings, None, changed))
        changed = {name: chosen[name] for name in changed}
    values = {**entry.settings, **changed}
    return [
        {
            "setting": name,
            "default": _DUE if name in due - set(changed) else setting_text(values.get(name, field.default)),
            "values": _values(properties[name]),
            "source": _source(entry, name, field),
            "what it is": field.description or "",
        }
        for name, field in model.Settings.model_fields.items()
    ]


def setting_rows(kind: type[BaseModel]) -> list[dict[str, str]]:
    """Return a row for each setting, by column, of settings that belong to no model."""
    properties = kind.model_json_schema()["properties"]
    return [
        dict(
            zip(
                _COLUMNS,
                (name, setting_text(field.default), _values(properties[name]), field.description or ""),
                strict=True,
            )
        )
        for name, field in kind.model_fields.items()
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

"""From a name to a model's class.

kind = load_model(registry, "famnet")
"""

from __future__ import annotations

from mebench.errors import near_matches
from mebench.models.base import Model
from mebench.plugin.given import loaded_class, refuse
from mebench.plugin.registry import Registry


def load_model(registry: Registry, name: str) -> type[Model]:
    """Return a model plugin's class, once it is one that can be made.

    Raises:
        MebenchError: nothing has that name, it cannot be loaded, it is no model, or its registered settings or
            presets name settings that it does not have.
    """
    entry = registry.get("model", name)
    kind = loaded_class(entry, Model)  # type: ignore[type-abstract]
    fields = kind.Settings.model_fields
    groups = {"settings": entry.settings, **{f"preset {name!r}": p for name, p in kind.presets.items()}}
    for what, values in groups.items():
        for setting in values:
            if setting not in fields:
                refuse(
                    entry,
                    f"its {what} has {setting!r}, which its Settings lack{near_matches(setting, fields)}",
                )
    return kind

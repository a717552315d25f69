"""Variants of models: settings written behind a name, and names that a plugin registers for some settings of another.

    split_variant("famnet[attention=none,faud=false]")    # ("famnet", ("attention=none", "faud=false"))
    registry.variant("famnet-mean", extends="famnet", title="FAMNet, scores averaged", settings={"fusion": "mean"})

Whether a model has such settings is seen when its settings are made (:mod:`mebench.models.settings`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mebench.errors import MebenchError
from mebench.plugin.entry import Entry

# A value, in quotes where a comma and an equals sign of its own would be taken for the next setting.
_SETTING = re.compile(r"""\s*(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|(.*?))\s*(?:,(?=\s*\w+\s*=)|$)""")


def split_variant(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a model's name and what stands in brackets behind it, each as ``name=value``.

    A value may be a list: ``famnet[attention_axes=channel,spatial,fusion=mean]``. One that holds a comma and an equals
    sign of its own stands in quotes.

    Raises:
        MebenchError: the brackets hold something else.
    """
    name, opened, rest = text.rpartition("[")
    if not opened or not text.endswith("]"):
        if opened and "]" not in rest:
            raise MebenchError(f"{text!r}: close the bracket behind the settings, {name}[NAME=VALUE,...]")
        return text, ()
    inside, place = rest[:-1], 0
    settings: list[str] = []
    while place < len(inside):
        found = _SETTING.match(inside, place)
        if found is None:
            break
        if any(each.startswith(f"{found[1]}=") for each in settings):
            raise MebenchError(f"{text!r} sets {found[1]} twice: set it once")
        settings.append(f"{found[1]}={next(filter(None, found.groups()[1:]), '')}")
        place = found.end()
    if not settings or place < len(inside) or inside.rstrip().endswith(","):
        raise MebenchError(f"{text!r}: write settings as {name}[NAME=VALUE,NAME=VALUE]")
    return name, tuple(settings)


@dataclass(frozen=True)
class Variation(Entry):
    """A registered variant, as long as it is not known what it :attr:`extends`: its target is that one's."""

    def of(self, base: Entry) -> Entry:
        """Return the entry of the variant of what it extends.

        Raises:
            MebenchError: it gives another value to a setting that the base's name stands for.
        """
        for name, value in self.settings.items():
            if name in base.settings and base.settings[name] != value:
                raise MebenchError(
                    f"{self.claimed} sets {name}={value}, and the name {base.name!r} stands for "
                    f"{name}={base.settings[name]}: extend another model"
                )
        return replace(
            base,
            name=self.name,
            plugin=self.plugin,
            title=self.title,
            extends=base.name,
            reference=self.reference or base.reference,
            needs=self.needs or base.needs,
            aliases=self.aliases,
            requires=tuple(dict.fromkeys((*base.requires, *self.requires))),
            extra=self.extra or base.extra,
            settings={**base.settings, **self.settings},
        )

    @property
    def claimed(self) -> str:
        """Return how sentences about it begin."""
        return f"plugin {self.plugin!r} registers {self.name!r} as a variant of {self.extends!r}, which"

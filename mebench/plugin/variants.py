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
_SETTING = re.compile(r"""\s*(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|(.*?))\s*(?:,(?=\s*\w+\s*=)|\Z)""", re.DOTALL)


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
    # A file's path may hold brackets before them, and a value in them: the first that hold settings count.
    for place in (place for place, sign in enumerate(text) if sign == "["):
        if settings := _settings_in(text[place + 1 : -1]):
            names = [setting.partition("=")[0] for setting in settings]
            if twice := next((each for each in names if names.count(each) > 1), ""):
                raise MebenchError(f"{text!r} sets {twice} twice: set it once")
            return text[:place], settings
    raise MebenchError(f"{text!r}: write settings as {name}[NAME=VALUE,NAME=VALUE]")


def _settings_in(inside: str) -> tuple[str, ...]:
    """Return settings as ``name=value``; nothing where the text is something else."""
    settings: list[str] = []
    place = 0
    while place < len(inside):
        found = _SETTING.match(inside, place)
        if found is None:
            return ()
        settings.append(f"{found[1]}={next(filter(None, found.groups()[1:]), '')}")
        place = found.end()
    return () if inside.rstrip().endswith(",") else tuple(settings)


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

"""Names by the thousand: a family makes an entry of any name that a library has.

    registry.family(
        "timm", "mynet.timm:Image", names="mynet.timm_names:names", example="resnet18", title="any image model of timm"
    )
    registry.get("model", "timm:resnet18")      # an entry made on the fly, whose settings fix name="resnet18"
    registry.get("model", "timm:resnet81")      # UnknownNameError: did you mean 'timm:resnet18'?

The library is asked for its names only when one of them is wanted: ``names`` is the place of a function that returns
them, each with a title of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mebench.errors import MebenchError, UnknownNameError, reason_of
from mebench.plugin.entry import Entry

COLON = ":"
SETTING = "name"


@dataclass(frozen=True)
class Family(Entry):
    """A registered prefix: its ``name`` ends with the colon, its ``target`` is what every member is.

    ``names`` is ``"package.module:function"``, which returns a mapping of a member's name to its title;
    ``example`` is one of them, for trials.
    """

    names: str = ""
    example: str = ""
    _known: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def known(self) -> Mapping[str, str]:
        """Return the title of each name that the library has, by name.

        Raises:
            MebenchError: the library is not installed, or cannot tell its names.
        """
        if not self._known:
            tell: Callable[[], Mapping[str, str]] = replace(self, target=self.names).load()
            try:
                self._known.update(tell())
            except Exception as error:
                raise MebenchError(
                    f"plugin {self.plugin!r} cannot tell the names of {self.name}NAME: {reason_of(error)}"
                ) from error
        return self._known

    def member(self, name: str) -> Entry:
        """Return the entry of a name, which is given without the prefix.

        Raises:
            UnknownNameError: the library has no such name; the message carries near matches.
            MebenchError: as :meth:`known`.
        """
        known = self.known()
        if name not in known:
            hint = f"`mebench list {self.kind}s --search {self.name}TEXT` shows those that hold a text"
            raise UnknownNameError(
                self.kind, self.name + name, [self.name + each for each in known], hint=hint
            )
        return self._entry(name, known[name])

    def unasked(self, name: str) -> Entry:
        """Return the entry of a name without asking the library whether it has it."""
        return self._entry(name, self.title)

    def members(self) -> list[Entry]:
        """Return the entries of all names, sorted.

        Raises:
            MebenchError: as :meth:`known`.
        """
        return [self._entry(name, title) for name, title in sorted(self.known().items())]

    def _entry(self, name: str, title: str) -> Entry:
        shared: dict[str, Any] = {
            each: getattr(self, each)
            for each in ("kind", "target", "plugin", "reference", "needs", "requires", "extra")
        }
        return Entry(name=self.name + name, title=title, settings={**self.settings, SETTING: name}, **shared)

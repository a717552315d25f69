"""What came of all checks of a name, as `mebench check` prints it and a catalogue lists it.

for report in reports(plugins, "model", "mynet"):
    print(f"{report.head()}: {report.counts()}")       # mynet (model of plugin mynet): 38 passed, 3 not asked
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mebench.errors import MebenchError
from mebench.plugin.loading import Plugins
from mebench.testing.checks import Outcome, ask
from mebench.testing.kits import Checked, Kit, asked, input_name

Tell = Callable[[Outcome], None]


@dataclass(frozen=True)
class Report:
    """The outcomes of a name's checks; ``missing`` says why none could be asked, as where a library is not here."""

    kind: Checked
    name: str
    plugin: str
    outcomes: tuple[Outcome, ...] = ()
    missing: str = ""

    @property
    def failed(self) -> list[Outcome]:
        """Return the checks that failed."""
        return [each for each in self.outcomes if each.state == "failed"]

    def counts(self) -> str:
        """Return how many checks came out how, in words."""
        if self.missing:
            return f"not checked: {self.missing}"
        states = [each.state for each in self.outcomes]
        numbers = ((states.count(state), state) for state in ("failed", "passed", "not asked"))
        return ", ".join(f"{number} {state}" for number, state in numbers if number)

    def head(self) -> str:
        """Return what was checked."""
        of = f" of plugin {self.plugin}" if self.plugin else ""
        return f"{self.name} ({self.kind}{of})"

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "passed": not (self.failed or self.missing)}


def reports(
    plugins: Plugins,
    kind: Checked,
    name: str,
    *,
    settings: Mapping[str, Any] | Sequence[str] = (),
    preset: str | None = None,
    begin: Callable[[str], None] = lambda head: None,
    tell: Tell = lambda outcome: None,
) -> Iterator[Report]:
    """Yield the report of a name, and those of the inputs that its own package brings.

    Args:
        plugins: give what is named.
        kind: of it.
        name: see :func:`mebench.testing.kits.asked`.
        settings: of a model.
        preset: of a model.
        begin: called with what is going to be checked.
        tell: called with each outcome as it comes.

    Raises:
        MebenchError: nothing has that name, or nothing can be asked of it.
    """
    plugin = ""
    if kind != "input":
        entry = plugins.registry.get(kind, name)
        plugin = "" if entry.file else entry.plugin
        if missing := entry.shortcoming():
            yield Report(kind, entry.name, plugin, missing=missing)
            return
    with asked(plugins, kind, name, settings=settings, preset=preset) as kit:
        begin(Report(kind, kit.name, plugin).head())
        yield Report(kind, kit.name, plugin, _outcomes(kit, tell))
        for wanted in kit.own_inputs():
            begin(Report("input", input_name(wanted), plugin).head())
            with asked(plugins, "input", wanted) as inner:
                yield Report("input", inner.name, plugin, _outcomes(inner, tell))


def _outcomes(kit: Kit, tell: Tell) -> tuple[Outcome, ...]:
    found = []
    for check in kit.checks:
        found.append(ask(check, kit.subject))
        tell(found[-1])
    return tuple(found)


def every_name(plugins: Plugins, plugin: str | None = None) -> list[tuple[Checked, str]]:
    """Return kind and name of all that can be checked, of one plugin or of all; of a family, its example.

    Raises:
        MebenchError: no plugin has that name, or it registers nothing that can be checked.
    """
    registry = plugins.registry
    kinds: tuple[Checked, ...] = ("model", "dataset", "protocol")
    found: list[tuple[Checked, str, str]] = [
        (kind, entry.name, entry.plugin)
        for kind in kinds
        for entry in registry.entries(kind)  # type: ignore[arg-type]
    ]
    found += [("model", each.name + each.example, each.plugin) for each in registry.families("model")]
    chosen = [(kind, name) for kind, name, owner in found if plugin in (None, owner)]
    if plugin is not None and not chosen:
        known = sorted(info.name for info in plugins.infos)
        why = next((info.problem for info in plugins.infos if info.name == plugin), None)
        raise MebenchError(
            f"plugin {plugin!r} registers no model, dataset or protocol"
            + (
                f": it is skipped, {why}"
                if why
                else ""
                if plugin in known
                else f": there are {', '.join(known)}"
            )
        )
    return chosen

"""``mebench check NAME``: whether a plugin does what it must, with what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.text import Text

from mebench.cli.console import print_json
from mebench.cli.options import plugins_told, refuse_existing
from mebench.display.consoles import output
from mebench.errors import MebenchError
from mebench.testing.checks import SEE_ABOVE

if TYPE_CHECKING:
    from mebench.plugin.loading import Plugins
    from mebench.testing.checks import Outcome
    from mebench.testing.kits import Checked
    from mebench.testing.report import Report

_MARKS = {"passed": ("ok", "green"), "failed": ("FAILED", "bold red"), "not asked": ("-", "dim")}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Check everything that is installed.")
@click.option("--plugin", help="Check everything that a plugin registers.")
@click.option(
    "--kind",
    type=click.Choice(["model", "dataset", "protocol", "input"]),
    help="Of which kind a name is, where several have it.",
)
@click.option("--set", "assignments", metavar="NAME=VALUE", multiple=True, help="A setting of the model.")
@click.option("--preset", help="A named group of a model's settings; small where there is one.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a catalogue: every plugin, what it registers, and whether that passed.",
)
@click.option("--force", is_flag=True, help="Write over a catalogue that is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def check(
    ctx: click.Context,
    names: tuple[str, ...],
    everything: bool,
    plugin: str | None,
    kind: Checked | None,
    assignments: tuple[str, ...],
    preset: str | None,
    markdown: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Check that a model, dataset, protocol or input does what it must, and say what to mend.

    NAME is a registered one, a model in a file (models/tiny.py:Tiny) or the class of an input
    (mypackage.inputs:Brightness). A model is trained on a few clips of noise, a dataset reads its own synthetic twin, a
    protocol makes folds of invented clips: seconds each, in this process. The same checks are tests for your package:
    docs/conformance.md. The exit code is 1 where a check failed.
    """
    plugins = plugins_told(ctx)
    if sum(map(bool, (names, everything, plugin))) != 1:
        raise MebenchError("say what to check: a name or several, --plugin NAME, or --all")
    if markdown is not None:
        refuse_existing(markdown, force=force)
    wanted = _wanted(plugins, names, plugin, kind)
    if (assignments or preset) and any(each != "model" for each, _ in wanted):
        raise MebenchError(
            "--set and --preset are of a model: name one, with --kind model where others share its name"
        )
    found = list(
        _checked(plugins, wanted, assignments, preset, in_full=bool(names) and not as_json, quiet=as_json)
    )
    if as_json:
        print_json([report.plain() for report in found])
    elif len(found) > 1:
        failed = sum(bool(report.failed) for report in found)
        output().print(f"{len(found) - failed} of {len(found)} without a fault")
    if markdown is not None:
        from mebench.files import write_atomically
        from mebench.testing.catalogue import catalogue

        write_atomically(markdown, catalogue(plugins, found))
        click.echo(f"catalogue: {markdown}", err=as_json)
    if any(report.failed for report in found):
        ctx.exit(1)


def _wanted(
    plugins: Plugins, names: tuple[str, ...], plugin: str | None, kind: Checked | None
) -> list[tuple[Checked, str]]:
    """Return kind and name of all that is to be checked.

    Raises:
        MebenchError: nothing has a name, or nothing that can be checked.
    """
    from mebench.testing.report import every_name

    if not names:
        return [each for each in every_name(plugins, plugin) if kind in (None, each[0])]
    return [each for name in names for each in _kinds_of(plugins, name, kind)]


def _kinds_of(plugins: Plugins, name: str, kind: Checked | None) -> Iterator[tuple[Checked, str]]:
    from mebench.testing.kits import CHECKED, find_input

    if kind is not None:
        yield kind, name
        return
    try:
        entries = plugins.registry.find(name)
    except MebenchError:
        if ":" not in name or plugins.registry.has("model", name.partition(":")[0] + ":"):
            raise
        find_input(name)
        yield "input", name
        return
    if entries[0].file is not None and _is_input(name):
        yield "input", name
        return
    kinds = [entry.kind for entry in entries if entry.kind in CHECKED]
    if not kinds:
        raise MebenchError(
            f"{name} is a plugin's {entries[0].kind}, and there are checks for models, datasets, protocols and inputs"
        )
    yield from ((each, name) for each in kinds)  # type: ignore[misc]


def _is_input(name: str) -> bool:
    """Tell whether a class in a file is an input; a file without a class is a model's."""
    from mebench.testing.kits import find_input

    if ":" not in name:
        return False
    try:
        find_input(name)
    except MebenchError:
        return False
    return True


def _checked(
    plugins: Plugins,
    wanted: list[tuple[Checked, str]],
    assignments: tuple[str, ...],
    preset: str | None,
    *,
    in_full: bool,
    quiet: bool,
) -> Iterator[Report]:
    """Yield the report of each name, printed as it comes: every check, or a line a name."""
    from mebench.testing.report import reports

    inputs: set[str] = set()
    printer = _Printer()
    for kind, name in wanted:
        for report in reports(
            plugins,
            kind,
            name,
            settings=assignments,
            preset=preset,
            begin=printer.head if in_full else lambda head: None,
            tell=printer.outcome if in_full else lambda outcome: None,
        ):
            if report.kind == "input" and report.name in inputs:
                continue
            inputs |= {report.name} if report.kind == "input" else set()
            if in_full and report.outcomes:
                printer.rest()
                output().print(Text(report.counts(), "bold red" if report.failed else "bold green"))
                output().print()
            elif not quiet:
                output().print(Text(f"{report.head()}: {report.counts()}", "red" if report.failed else ""))
                for outcome in report.failed:
                    printer.outcome(outcome)
            yield report


class _Printer:
    """Prints checks as they are asked; those that could not be, for something that failed before, as one line."""

    def __init__(self) -> None:
        self._held_up = 0

    def head(self, head: str) -> None:
        """Print what is going to be checked."""
        output().print(Text(head, "bold"))

    def outcome(self, outcome: Outcome) -> None:
        """Print a check with what came of it."""
        if outcome.said.endswith(SEE_ABOVE):
            self._held_up += 1
            return
        mark, style = _MARKS[outcome.state]
        self._line(mark, style, outcome.check)
        if outcome.said:
            said = Text(outcome.said, "dim" if outcome.state == "not asked" else "")
            terminal = output().is_terminal
            output().print(Padding(said, (0, 0, 0, 10)) if terminal else Text(f"          {outcome.said}"))
        if outcome.trace and (click.get_current_context().find_root().obj or {}).get("debug"):
            output().print(Text(outcome.trace))

    def rest(self) -> None:
        """Print how many checks what failed has held up."""
        if self._held_up:
            self._line("-", "dim", f"{self._held_up} more that need what failed")
        self._held_up = 0

    def _line(self, mark: str, style: str, text: str) -> None:
        output().print(Text.assemble("  ", (mark.ljust(6), style), "  ", text))

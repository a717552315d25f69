"""Commands that plugins add: known by name without an import, loaded when one is called."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import click

from mebench.errors import MebenchError, MebenchWarning, near_matches
from mebench.plugin.entry import Entry
from mebench.plugin.given import refuse
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry


def added_commands() -> list[Entry]:
    """Return the commands of plugins, sorted by name."""
    return load_plugins().registry.entries("command")


def command_of_plugin(name: str, built_in: Iterable[str], *, strict: bool = False) -> click.Command:
    """Return what a plugin registered as a command.

    Raises:
        MebenchError: none is named so (near matches count the built-in ones, too), or it cannot be used.
    """
    plugins = load_plugins(strict=strict)
    if not plugins.registry.has("command", name):
        for problem in plugins.problems():  # it may be a skipped plugin's
            warnings.warn(problem, MebenchWarning, stacklevel=2)
        known = (*built_in, *(entry.name for entry in added_commands()))
        raise MebenchError(f"there is no command {name!r}{near_matches(name, known)}")
    return load_command(plugins.registry, name)


def load_command(registry: Registry, name: str) -> click.Command:
    """Return a registered command.

    Raises:
        MebenchError: it cannot be loaded, or is no ``click.Command``.
    """
    entry = registry.get("command", name)
    command = entry.load()
    if not isinstance(command, click.Command):
        refuse(entry, f"it is of type {type(command).__name__}, and a click.Command is due")
    loaded: click.Command = command
    return loaded

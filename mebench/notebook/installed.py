"""The installed plugins, with a Python warning for each that was skipped."""

from __future__ import annotations

import warnings

from mebench.errors import MebenchWarning
from mebench.plugin.loading import Plugins, load_plugins


def installed() -> Plugins:
    """Return the plugins."""
    plugins = load_plugins()
    for problem in plugins.problems():
        warnings.warn(problem, MebenchWarning, stacklevel=3)
    return plugins

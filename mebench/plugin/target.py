"""A target, ``package.module:Class``, as plugins register and folds are told it."""

from __future__ import annotations

import importlib
from typing import Any


def module_of(target: str) -> str:
    """Return the name of the module that a target lies in."""
    return target.partition(":")[0]


def imported(target: str) -> Any:
    """Import a target's module and return what it names; whatever the module raises comes through."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)

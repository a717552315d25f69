"""The two consoles: results go to standard output; progress, warnings and errors to standard error."""

from __future__ import annotations

import sys
from functools import lru_cache

from rich.console import Console


@lru_cache(maxsize=1)
def output() -> Console:
    """Return the console of standard output."""
    # Paths and names may hold brackets, which are no markup.
    return Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


@lru_cache(maxsize=1)
def errors() -> Console:
    """Return the console of standard error: progress, warnings and errors."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

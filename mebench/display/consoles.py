"""The two consoles, and lines without them: results go to standard output; progress, warnings and errors to the other.

    output().print(Text(title, "bold"))
    say(f"wrote {path}")

Whatever is printed is made harmless here (:mod:`mebench.plain_text`): names come from annotations, folders and records.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from mebench.plain_text import plain, plain_lines


class PlainConsole(Console):
    """A console on which no text can do what a style or a bar does: what it writes itself are its only codes."""

    def __init__(self, *, stderr: bool = False, **options: Any) -> None:
        stream = sys.stderr if stderr else sys.stdout
        # Paths and names may hold brackets, which are no markup, and words between colons, which are no emoji.
        plain = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": not stream.isatty()}
        super().__init__(stderr=stderr, **{**plain, **options})

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; a text that is no :class:`rich.text.Text` is one line."""
        super().print(*(plain(each) if isinstance(each, str) else each for each in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield the parts of what is printed."""
        for part in super().render(renderable, options):
            yield part if part.control else Segment(plain_lines(part.text), part.style)


@lru_cache(maxsize=1)
def output() -> Console:
    """Return the console of standard output."""
    return PlainConsole()


@lru_cache(maxsize=1)
def errors() -> Console:
    """Return the console of standard error: progress, warnings and errors."""
    return PlainConsole(stderr=True)


def say(text: str, *, err: bool = False) -> None:
    """Print one line, however long, to standard output or to standard error."""
    click.echo(plain(text), err=err)


def say_lines(text: str, *, nl: bool = True) -> None:
    """Print lines to standard output; ``nl`` ends them with one more line break."""
    click.echo(plain_lines(text), nl=nl)

"""Links in a dataset's folder: one that leaves it is followed only where the user says so.

    with reading_below(root):
        refuse_leaving(root / "s01")        # raises where that is a link to a folder elsewhere
    with links_followed():                  # `--follow-links`
        ...

A dataset comes from somebody else: a link in it could show a model, or a table, any file that the user may read. A
folder that is itself a link is the user's own choice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from mebench.errors import MebenchError

_FOLLOWED: ContextVar[bool] = ContextVar("links that leave a dataset are followed", default=False)
_ROOT: ContextVar[Path | None] = ContextVar("the dataset's folder that is read", default=None)


@contextmanager
def links_followed(follow: bool = True) -> Iterator[None]:
    """Let links that leave a dataset's folder be followed meanwhile, if ``follow``; else leave it as it was."""
    token = _FOLLOWED.set(follow or _FOLLOWED.get())
    try:
        yield
    finally:
        _FOLLOWED.reset(token)


def are_followed() -> bool:
    """Tell whether links that leave a dataset's folder are followed at the moment."""
    return _FOLLOWED.get()


@contextmanager
def reading_below(root: Path) -> Iterator[None]:
    """Refuse links that leave a folder meanwhile, unless they are followed."""
    token = _ROOT.set(Path(os.path.realpath(root)))
    try:
        yield
    finally:
        _ROOT.reset(token)


def refuse_leaving(path: Path) -> None:
    """Raise where a path below the folder that is read leads out of it.

    Raises:
        MebenchError: it does, and links are not followed.
    """
    root = _ROOT.get()
    if root is None or _FOLLOWED.get():
        return
    target = Path(os.path.realpath(path))
    if target != root and root not in target.parents:
        raise MebenchError(
            f"{path} is or lies behind a link that leaves the dataset's folder, to {target}: put the files there, or "
            "follow such links with --follow-links (`mebench data add` with it remembers so)"
        )

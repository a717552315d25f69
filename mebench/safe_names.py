"""Names that become parts of paths: whatever text they come from, what is written stays in its folder.

part_of_path("happiness", "emotion")        # the name, or a MebenchError that says what is wrong with it
"""

from __future__ import annotations

import re

from mebench.errors import MebenchError
from mebench.plain_text import is_plain

# As long as the file systems in use allow a name to be, in bytes.
_LONGEST = 255
_SEPARATOR = re.compile(r"[/\\]")


def fault_of_name(name: str) -> str:
    """Return why a text cannot be the name of a file or folder, or ``""``.

    >>> fault_of_name("../../escaped")
    "it holds '/'"
    """
    if not name.strip(" ."):
        return "it is empty" if not name.strip() else "it means another folder"
    if found := _SEPARATOR.search(name):
        return f"it holds {found[0]!r}"
    if not is_plain(name):
        return "it holds a character that is not seen"
    return f"it is longer than {_LONGEST} bytes" if len(name.encode()) > _LONGEST else ""


def part_of_path(name: str, what: str) -> str:
    """Return a name that a file or folder can have.

    Args:
        name: any text.
        what: what it names, for the message.

    Raises:
        MebenchError: it could lead elsewhere, or no file system takes it.
    """
    if fault := fault_of_name(name):
        raise MebenchError(f"{what} {name!r} cannot be the name of a file or folder: {fault}; rename it")
    return name

"""Names of files and folders that are no data of their own: copies, and what systems and programs leave behind.

is_clutter("s1 - Copy"), is_clutter("@eaDir"), is_clutter("s1_ne_01")       # True, True, False
without_copy_mark("MMEW_Micro_Exp (1)")                                     # MMEW_Micro_Exp
"""

from __future__ import annotations

import re

_SYSTEMS = {
    "@eadir",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "__macosx",
    "__pycache__",
    "desktop.ini",
    "lost+found",
    "system volume information",
    "thumbs.db",
}
# As file managers and browsers write them: "x - Copy (2)", "Copy of x", "x copy 2", "x (1)".
_COPY_BEFORE = re.compile(
    r"(?:another )?(?:copy|kopie|copie)(?: \(\d+\)| \d+)? (?:of|von|de) ", re.IGNORECASE
)
_COPY_BEHIND = re.compile(
    r"(?:[ _]?-[ _]?(?:copy|kopie|copie|copia|副本)|[ _](?:copy|kopie)|的?副本)(?:[ _]?\(\d+\)|[ _]\d+)?$"
    r"|[ _]?\(\d+\)$",
    re.IGNORECASE,
)


def is_left_behind(name: str) -> bool:
    """Tell whether systems or programs leave files or folders of this name: hidden ones, locks, thumbnails."""
    return name.startswith((".", "~")) or name.casefold() in _SYSTEMS


def without_copy_mark(stem: str) -> str:
    """Return a name (without a file's ending) as it was before somebody's copy of it got a name of its own."""
    return _COPY_BEHIND.sub("", _COPY_BEFORE.sub("", stem, count=1)).strip()


def is_clutter(folder: str) -> bool:
    """Tell whether a folder of this name is no data of its own."""
    return is_left_behind(folder) or without_copy_mark(folder) != folder.strip()

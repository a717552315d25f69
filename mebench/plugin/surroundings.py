"""What decides an answer of plugins' code beside that code itself: Python, the libraries, the environment, the machine.

    surroundings(os.environ, sys.path)      # plain values; the same as long as the same code would answer the same

Libraries are told apart by their version, as everywhere in mebench: the names in the folders that Python imports from
hold it. More is counted than has a part (any variable that no terminal or shell sets, the folder one is in): what is
left out here would have to be known to be without effect.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from glob import glob
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Any

# Of the terminal, the shell and the desktop.
_OF_NO_EFFECT = (
    *("_", "BASHOPTS", "CLICOLOR", "COLORFGBG", "COLORTERM", "COLUMNS", "DBUS_SESSION_BUS_ADDRESS"),
    *(
        "DESKTOP_SESSION",
        "DISPLAY",
        "FORCE_COLOR",
        "HISTFILE",
        "HISTSIZE",
        "LESS",
        "LESSCLOSE",
        "LESSOPEN",
        "LINES",
    ),
    *("LS_COLORS", "MAIL", "NO_COLOR", "OLDPWD", "PAGER", "PROMPT_COMMAND", "PS1", "PWD", "SESSION_MANAGER"),
    *("SHELLOPTS", "SHLVL", "STY", "TERM", "TTY_INTERACTIVE", "WAYLAND_DISPLAY", "WINDOWID"),
)
_PREFIXES_OF_NO_EFFECT = (
    *("GNOME_", "GPG_", "ITERM_", "KDE_", "KONSOLE_", "SSH_", "TERM_"),
    *("TMUX", "VSCODE_", "VTE_", "XDG_SESSION_"),
)
_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth", ".zip", ".egg")
# Where drivers show themselves; whether a GPU can be used is a question that only a slow library answers.
_DEVICES = ("/dev/nvidia*", "/dev/kfd", "/dev/dri/render*", "/dev/dxg")
_DRIVERS = ("/proc/driver/nvidia/version", "/sys/module/nvidia/version", "/sys/module/amdgpu/version")


def surroundings(environment: Mapping[str, str], path: Sequence[str]) -> dict[str, Any]:
    """Return everything around plugins' code that may decide what it answers.

    ``environment`` and ``path`` are what the process began with: libraries set variables of their own.
    """
    return {
        "python": sys.version,
        "executable": sys.executable,
        "flags": [str(sys.flags), *sys.warnoptions],
        "path": [[entry, _importable(entry or ".")] for entry in path],
        "environment": {name: value for name, value in sorted(environment.items()) if _may_count(name)},
        "folder": _folder(),
        "machine": list(os.uname()),
        "devices": sorted(path for pattern in _DEVICES for path in glob(pattern)),  # noqa: PTH207
        "drivers": [_text(path) for path in _DRIVERS],
    }


def _may_count(name: str) -> bool:
    return name not in _OF_NO_EFFECT and not name.startswith(_PREFIXES_OF_NO_EFFECT)


def _importable(folder: str) -> str:
    """Return a hash of the names in a folder that an import could find, or that tell which packages lie there."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # of hundreds, each start
    except OSError:
        return ""
    suffixes = (*all_suffixes(), *_PACKAGES)
    found = sorted(n for n in names if n != "__pycache__" and (n.isidentifier() or n.endswith(suffixes)))
    return hashlib.sha256("\0".join(found).encode(errors="surrogateescape")).hexdigest()


def _folder() -> str:
    with suppress(OSError):
        return str(Path.cwd())
    return ""


def _text(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""

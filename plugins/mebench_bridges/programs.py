"""The programs that a command line names, and what belongs to them: what a fold's process may run for it.

programs_of("env/bin/python train.py {train}", Path("/code"))      # [/code/env, /usr/lib/..., ...]
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_WORDS = re.compile(r"""[^\s;&|()<>'"`]+""")
# An installation has one of these beside its folder of programs.
_INSTALLED = ("lib", "lib64", "pyvenv.cfg", "conda-meta")


def programs_of(line: str, folder: Path) -> list[Path]:
    """Return the programs that a command line names, each with the folder that it was installed in.

    A word counts where it is the path of a program, seen from ``folder``, or the name of one that PATH finds. What is
    installed for the whole system is not told: everybody may run it.
    """
    found: dict[Path, None] = {}
    for word in _WORDS.findall(line):
        program = _found(word, folder)
        while program is not None:
            found.update(dict.fromkeys(_belongs_to(program)))
            # An environment's Python is a link to the one that it was made with.
            program = _linked(program)
    return list(found)


def _found(word: str, folder: Path) -> Path | None:
    if "/" not in word:
        return Path(named).absolute() if (named := shutil.which(word)) else None
    program = Path(os.path.normpath(folder / Path(word).expanduser()))
    return program if program.is_file() and os.access(program, os.X_OK) else None


def _linked(program: Path) -> Path | None:
    return Path(os.path.normpath(program.parent / program.readlink())) if program.is_symlink() else None


def _belongs_to(program: Path) -> Iterator[Path]:
    root = program.parent.parent
    if root == Path("/") or program.is_relative_to("/usr"):
        return
    if not program.is_symlink():
        yield program
    if program.parent.name in ("bin", "sbin", "condabin") and any(
        (root / each).exists() for each in _INSTALLED
    ):
        # In a home are programs, and everything else of somebody's: libraries alone are part of the program.
        shared = Path.home().is_relative_to(root) or root == Path.home() / ".local"
        yield from (root / "lib", root / "lib64") if shared else (root,)

"""Checks of what a plugin says of any name that it registers, before anything of it is used."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from typing import Protocol

from mebench.plugin.entry import Entry
from mebench.plugin.loading import Plugins
from mebench.plugin.source import home_of, source_of
from mebench.plugin.target import module_of
from mebench.testing.checks import Checks, NotAsked

# A line of `mebench list` on a terminal of ordinary width.
_LONGEST_TITLE = 110
_HEAVY = (
    "torch",
    "torchvision",
    "timm",
    "pandas",
    "sklearn",
    "scipy",
    "numpy",
    "cv2",
    "skimage",
    "matplotlib",
)


class Registered(Protocol):
    """Anything that has an entry of its own."""

    entry: Entry
    plugins: Plugins


REGISTERED = Checks[Registered]()


@REGISTERED.add("it has a title of one line")
def title(subject: Registered) -> str:
    """It is what `mebench list` shows of it."""
    text = _entry(subject).title
    if not text.strip() or "\n" in text:
        return f"its title is {text!r}: say in one line what it is, registry...(title=...)"
    if len(text) > _LONGEST_TITLE:
        return f"its title has {len(text)} letters: say it in {_LONGEST_TITLE}, and the rest in reference= or needs="
    return ""


@REGISTERED.add("it says what it needs")
def needs(subject: Registered) -> str:
    """`mebench info` shows which data or inputs it works on, so that nobody has to try."""
    return (
        ""
        if _entry(subject).needs.strip()
        else "it does not say what it works on: register it with needs=..."
    )


@REGISTERED.add("what it requires can be installed by name")
def requires(subject: Registered) -> str:
    """A module's name is not always what pip calls it; whoever lacks it is told the pip requirement."""
    entry = _entry(subject)
    if entry.requires and not entry.extra:
        return f"it requires {', '.join(entry.requires)} and no pip requirement is said to bring them: give extra=..."
    return ""


@REGISTERED.add("registering it imports nothing heavy")
def light(subject: Registered) -> str:
    """Each command of mebench imports every plugin's module, so that its imports are paid by every `mebench list`."""
    entry = _entry(subject)
    module = next((info.module for info in subject.plugins.infos if info.name == entry.plugin), "")
    if not module:
        raise NotAsked("no entry point of an installed package brings it")
    found = _heavy_imports(module)
    return (
        f"the plugin's module {module} imports {', '.join(found)}: import them in the modules that use them, which are "
        "loaded when they are needed"
        if found
        else ""
    )


@REGISTERED.add("its source can be hashed")
def source(subject: Registered) -> str:
    """A run is named by the code that made it."""
    entry = subject.entry
    source_of(home_of(module_of(entry.imported)))
    return ""


def _entry(subject: Registered) -> Entry:
    """Return the entry where somebody registered it."""
    if subject.entry.file is not None:
        raise NotAsked("it lies in a file, and no plugin registers it")
    return subject.entry


@lru_cache
def _heavy_imports(module: str) -> list[str]:
    """Return which heavy libraries importing a module brings, asked of a fresh Python."""
    program = (
        f"import sys, {module.partition(':')[0]}; print('FOUND', *sorted({{*{_HEAVY!r}}} & {{*sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND")]
    return lines[-1].split()[1:] if lines else []

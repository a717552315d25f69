"""A folder of runs as pages: the index, and a report of each run that can be read.

    path = write_view(Path("runs"), Path("view"))       # view/index.html

A report is made again only where something that it came of has changed since, so that a thousand runs are looked at
again in seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mebench
from mebench.errors import MebenchError
from mebench.files import read_json, signature, to_json, write_atomically
from mebench.paths import cache_folder
from mebench.records import RunDirectory, find_runs
from mebench.report.contents import name_of, read_contents
from mebench.report.index_page import index_page, listed
from mebench.report.run_page import run_page
from mebench.report.writing import PAGE

INDEX = "index.html"
_MADE = "made.json"


def view_folder(runs: Path) -> Path:
    """Return where the pages of a folder of runs lie in the cache."""
    digest = hashlib.sha256(str(runs.resolve()).encode()).hexdigest()
    return cache_folder() / "pages" / digest[:16]


def write_view(
    runs: Path, folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> Path:
    """Write the pages of the runs below a folder, or of one run, and return the index's path.

    Raises:
        MebenchError: there is no such folder, or the disk refuses.
    """
    if not runs.is_dir():
        raise MebenchError(f"there is no folder {runs}: name the --runs folder of `mebench run`")
    one = (runs / "run.json").exists()
    directories = [RunDirectory(runs)] if one else [*find_runs(runs)]
    before, made, links, rows = _made(folder), {}, {}, []
    for number, directory in enumerate(directories):
        progress(number, len(directories))
        name = name_of(directory)
        rows.append(listed(directory))
        place, state = folder / name / PAGE, _state(directory)
        if before.get(name) != state or not place.exists():
            try:
                page = run_page(read_contents(directory))
            except MebenchError:
                place.unlink(missing_ok=True)  # why is said in its row
                continue
            write_atomically(place, page)
        made[name], links[name] = state, f"{name}/{PAGE}"
    progress(len(directories), len(directories))
    write_atomically(folder / INDEX, index_page(str(runs), rows, links))
    write_atomically(folder / _MADE, to_json(made))
    for lying in folder.glob(f"*/*/{PAGE}"):
        name = f"{lying.parent.parent.name}/{lying.parent.name}"
        if name in before and name not in made:  # of a run that is no longer there
            lying.unlink(missing_ok=True)
    return folder / INDEX


def _made(folder: Path) -> dict[str, Any]:
    """Return of which state the reports are that lie in a folder; nothing where nobody knows."""
    try:
        found = read_json(folder / _MADE)
    except (MebenchError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def _state(directory: RunDirectory) -> str:
    """Return what changes whenever a file of a run does, or mebench itself."""
    digest = hashlib.sha256(mebench.__version__.encode())
    files = [directory.run_file, directory.cohort_file, *sorted(directory.path.glob("folds/*.json"))]
    for file in files:
        try:
            digest.update(f"{file.name} {signature(file.stat())}\n".encode())
        except OSError:
            digest.update(f"{file.name} is missing\n".encode())
    return digest.hexdigest()

"""Finding an owner's table among what lies in a folder, and saying so where more than one could be it.

    found = find_tables([Path("/data/SAMM")], ("SAMM*Micro_FACS_Codes*", "SAMM"))
    choose_table(found, what="samm annotation", read=dataset.read_annotation)

A table is known by the stem of its name: case does not count, nor whether it is a workbook or a CSV, nor a mark of
copying (``name (1).xlsx``, ``Copy of name.xlsx``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.data.clips.sheet import sha256_of
from mebench.data.clutter import is_left_behind, without_copy_mark
from mebench.errors import MebenchError, MebenchWarning, first_few

if TYPE_CHECKING:
    import pandas as pd

# In the order of preference: owners release workbooks, and others copy them to CSV.
ENDINGS = (".xlsx", ".xls", ".csv")


@dataclass(frozen=True, order=True)
class FoundTable:
    """A file that may be the table looked for; the least ``rank`` fits best, and ``place`` orders equals."""

    rank: int
    place: tuple[int, bool, int, str]
    path: Path


def stem_of(pattern: str) -> str:
    """Return a pattern or a file's name without a table's ending."""
    ending = next((ending for ending in ENDINGS if pattern.casefold().endswith(ending)), "")
    return pattern[: len(pattern) - len(ending)]


def fits(name: str, stems: Sequence[str]) -> int | None:
    """Return the place of the first pattern that a file's name fits; None where it fits none or is no table."""
    stem = stem_of(name)
    if stem == name or is_left_behind(name):
        return None
    folded = without_copy_mark(stem).casefold()
    return next((i for i, p in enumerate(stems) if fnmatchcase(folded, stem_of(p).casefold())), None)


def find_tables(folders: Iterable[Path], stems: Sequence[str]) -> list[FoundTable]:
    """Return the tables in some folders whose names fit, best first.

    Args:
        folders: where to look; those that do not exist hold nothing.
        stems: patterns of names, as of :func:`fnmatch.fnmatch`, the preferred first. An ending does not count.

    Raises:
        MebenchError: a folder cannot be read.
    """
    found = []
    for place, folder in enumerate(folders):
        for path in _files(folder):
            rank = fits(path.name, stems)
            if rank is not None:
                stem = stem_of(path.name)
                copied = without_copy_mark(stem) != stem
                ending = ENDINGS.index(path.name[len(stem) :].casefold())
                found.append(FoundTable(rank, (place, copied, ending, path.name), path))
    return sorted(found)


def choose_table(
    found: Sequence[FoundTable],
    *,
    what: str,
    read: Callable[[Path], pd.DataFrame],
    parts: Callable[[Path], Iterable[Path]] = lambda path: (path,),
    mend: str = "name the one that counts with --annotations FILE, or move the other away",
) -> Path:
    """Return the table that counts, and warn of others that lie there.

    Files with the same bytes are one. Of several that fit equally well and say the same, the first is taken;
    such as cannot be read give way.

    Args:
        found: what :func:`find_tables` returned, not empty.
        what: what is looked for, for messages.
        read: reads a table, to see whether two say the same.
        parts: the files that belong to a table, itself among them: no rivals of it.
        mend: what to do where nothing decides.

    Raises:
        MebenchError: files of equal rank say different things.
    """
    different: dict[str, FoundTable] = {}
    for table in found:
        different.setdefault(sha256_of(table.path), table)
    tables = list(different.values())
    best = [table for table in tables if table.rank == tables[0].rank]
    chosen, *rivals = best
    if rivals:
        own = {part.resolve() for part in parts(chosen.path)}
        rivals = [table for table in rivals if table.path.resolve() not in own]
    if rivals:
        chosen, rivals = _agreed(chosen, rivals, what, read, mend)
    own = {part.resolve() for part in parts(chosen.path)}
    others = [t.path for t in tables if t != chosen and t.path.resolve() not in own]
    if others:
        warnings.warn(
            f"{chosen.path} is taken as the {what}; {first_few(others)} could be it too and "
            f"{'is' if len(others) == 1 else 'are'} not read: {mend}",
            MebenchWarning,
            stacklevel=4,
        )
    return chosen.path


def _agreed(
    chosen: FoundTable,
    rivals: Sequence[FoundTable],
    what: str,
    read: Callable[[Path], pd.DataFrame],
    mend: str,
) -> tuple[FoundTable, list[FoundTable]]:
    """Return the first readable of equal tables and those that can be read beside it, if all say the same."""
    contents = [(table, content) for table in (chosen, *rivals) if (content := _content(read, table.path))]
    if not contents:
        return chosen, []  # whoever reads it says what is wrong with it
    (first, content), *others = contents
    for other, its in others:
        if its != content:
            raise MebenchError(
                f"{first.path} ({len(content)} rows) and {other.path} ({len(its)} rows) could both be the {what} "
                f"and say different things: {mend}"
            )
    return first, [other for other, _ in others]


def _content(read: Callable[[Path], pd.DataFrame], path: Path) -> frozenset[tuple[str, ...]] | None:
    try:
        table = read(path)
    except MebenchError:
        return None
    cells = table.drop(columns="row", errors="ignore").astype(str)
    return frozenset(cells.itertuples(index=False, name=None))


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in sorted(folder.iterdir()) if path.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise MebenchError(f"{folder} cannot be read ({error.strerror}): mend its permissions") from error


def same_folders(root: Path, place: str) -> list[Path]:
    """Return the folders at ``root / place``, whatever the case of their names."""
    folders = [root]
    for part in Path(place).parts:
        folders = [
            child
            for folder in folders
            for child in sorted(folder.iterdir())
            if child.name.casefold() == part.casefold() and child.is_dir()
        ]
    return folders

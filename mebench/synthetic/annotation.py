"""A real annotation as that of a twin: rows in are rows out, or it is refused.

path = copy_annotation(Dfme(), Path("testB_full_with_AU.xlsx"), twin)
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.data.clips.file_kind import content_of, kind_of
from mebench.data.clips.marker import MARKER_COMMENT, MARKER_SHEET
from mebench.data.clips.xlsx import hold_xlsx
from mebench.data.dataset import Dataset
from mebench.errors import MebenchError
from mebench.synthetic.workbook import save_workbook

if TYPE_CHECKING:
    import pandas as pd


def copy_annotation(dataset: Dataset, annotation: Path, out: Path) -> Path:
    """Copy an annotation, all files of it, into a twin's folder, mark it, and return where the dataset finds it.

    A file that the dataset finds under its name keeps it, since editions and parts go by their names; another gets
    the owner's.

    Raises:
        MebenchError: it cannot be read, or what the dataset would find in the twin is not what it holds.
    """
    told = dataset.read_annotation(annotation)
    copies = [_copy_that_is_found(dataset, annotation, out)]
    for part in dataset.annotation_parts(annotation):
        if part == annotation:
            continue
        copies.append(out / part.name)
        if copies[-1].exists():
            raise MebenchError(
                f"{annotation} would go by the name of {part.name}, which belongs to it, in a twin: name the file as "
                f"its owner does ({_names(dataset)})"
            )
        shutil.copyfile(part, copies[-1])
    for copy in copies:
        mark_workbook(copy)
    # Of several files the dataset may find another first; it is the same annotation.
    found = dataset.find_annotation(out)
    if not _same_rows(told, dataset.read_annotation(found)):
        raise MebenchError(
            f"{annotation}: no twin of it, since mebench would not read its rows back from {copies[0].name}; save it "
            f"as a plain workbook, {_names(dataset)}"
        )
    return found


def mark_workbook(annotation: Path) -> None:
    """Add the marker's sheet to a workbook; other formats have no room for it."""
    if annotation.suffix.casefold() != ".xlsx" or kind_of(annotation, content_of(annotation)) != "xlsx":
        return
    # Values, not formulas: saving would lose what the formulas came to.
    book = hold_xlsx(annotation, content_of(annotation))
    sheet = book.create_sheet(MARKER_SHEET)
    sheet.append([MARKER_COMMENT.decode(), "frames were drawn by code; nobody's face is shown"])
    save_workbook(book, annotation)


def _copy_that_is_found(dataset: Dataset, annotation: Path, out: Path) -> Path:
    """Copy the file under its own name, or else under the owner's, so that the dataset finds it."""
    names = [annotation.name]
    if dataset.twin and dataset.twin.annotation_file:
        names.append(Path(dataset.twin.annotation_file).with_suffix(annotation.suffix.lower()).name)
    for name in names:
        copy = out / name
        shutil.copyfile(annotation, copy)
        try:
            if dataset.find_annotation(out).resolve() == copy.resolve():
                return copy
        except MebenchError:
            pass
        copy.unlink()
    raise MebenchError(
        f"{annotation}: no twin of it, since mebench would not find a {names[-1]} as the annotation of "
        f"{dataset.name}; save it as {_names(dataset)}"
    )


def _names(dataset: Dataset) -> str:
    return " or ".join(dataset.annotation_files)


def _same_rows(told: pd.DataFrame, found: pd.DataFrame) -> bool:
    """Tell whether two tables hold the same rows, in whatever order."""
    order = ["key", "part", "row"]
    both = [table.sort_values(order, kind="stable").reset_index(drop=True) for table in (told, found)]
    return both[0].equals(both[1])

"""The dataset interface: what a plugin says about one database.

A plugin gives names, places and the owner's cells; repairing, checking and finding frames is done by
:mod:`mebench.data.reading`, the same way for every dataset.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mebench.data.annotation_files import (
    ENDINGS,
    FoundTable,
    choose_table,
    find_tables,
    same_folders,
    stem_of,
)
from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.remarks import Remark
from mebench.data.clips.repairs import NO_REPAIRS, RepairSet
from mebench.data.editions import Edition, recognise
from mebench.data.recipe import TwinRecipe
from mebench.errors import MebenchError

if TYPE_CHECKING:
    import pandas as pd


class Dataset(ABC):
    """One database, in the layout its owner releases.

    Attributes:
        name: the registered name, first part of every clip key.
        annotation_files: patterns of the annotation file's name without its ending, the preferred first. Neither
            case counts, nor whether it is an ``.xlsx``, ``.xls`` or ``.csv``.
        annotation_folders: folders below the dataset's root in which to look.
        editions: the editions of the annotation that are known, the more particular first.
        layouts: where frames lie; the first is the one that twins are written in.
        repairs: known errors of the annotation.
        twin: how to invent clips for a synthetic twin; None where a twin is not supported.
    """

    name: ClassVar[str]
    annotation_files: ClassVar[tuple[str, ...]]
    annotation_folders: ClassVar[tuple[str, ...]] = (".",)
    editions: ClassVar[tuple[Edition, ...]] = ()
    layouts: ClassVar[tuple[FrameLayout, ...]]
    repairs: ClassVar[RepairSet] = NO_REPAIRS
    twin: ClassVar[TwinRecipe | None] = None

    @abstractmethod
    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the owner's file into an unrepaired clip table (:func:`make_clip_table`).

        Raises:
            MebenchError: the file is damaged or lacks a column.
        """

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write clips in the owner's format, for a synthetic twin."""
        raise NotImplementedError(f"{type(self).__name__} does not write annotations")

    def remarks(self, table: pd.DataFrame) -> Sequence[Remark]:
        """Return what a user should know of clips that are given as annotated: cells that contradict each other.

        ``table`` is the checked clip table. Drops, repairs, replaced apexes and action units that were not
        understood are told without it.
        """
        return ()

    def annotation_parts(self, path: Path) -> tuple[Path, ...]:
        """Return every file that the annotation at ``path`` consists of; their bytes identify it."""
        return (path,)

    def edition_of(self, path: Path, table: pd.DataFrame) -> str:
        """Return the edition of the annotation at ``path``, of which ``table`` was read, unrepaired.

        See :func:`mebench.data.editions.recognise`.
        """
        return recognise(self.editions, table)

    def find_annotation(self, root: Path) -> Path:
        """Return the annotation file below a root, and warn of others that could be it too.

        Raises:
            MebenchError: the folder does not exist, is empty, or holds no such file, or several of which
                nothing says which one counts.
        """
        if not root.is_dir():
            raise MebenchError(
                f"the {self.name} folder {root} does not exist: give the folder that holds the data"
            )
        if found := self.annotation_tables(root):
            return choose_table(
                found,
                what=f"{self.name} annotation",
                read=self.read_annotation,
                parts=self.annotation_parts,
            )
        if not any(root.iterdir()):
            raise MebenchError(f"the {self.name} folder {root} is empty: give the folder that holds the data")
        raise MebenchError(
            f"{root} holds no {self.name} annotation: expected {self.annotation_names()} in "
            f"{', '.join(self.annotation_folders)}; put it there or name it with --annotations FILE"
        )

    def annotation_tables(self, root: Path) -> list[FoundTable]:
        """Return the files below a root that are called like the annotation, best first."""
        folders = [folder for place in self.annotation_folders for folder in same_folders(root, place)]
        return find_tables(folders, self.annotation_files)

    def annotation_names(self) -> str:
        """Return what the annotation file may be called, for messages."""
        stems = " or ".join(stem_of(pattern) for pattern in self.annotation_files)
        return f"{stems} ({', '.join(ENDINGS)})"

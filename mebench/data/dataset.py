"""The dataset interface: what a plugin says about one database.

A plugin gives names, places and the owner's cells; repairing, checking and finding frames is done by
:mod:`mebench.data.reading`, the same way for every dataset.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pandas as pd

from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.remarks import Remark
from mebench.data.clips.repairs import NO_REPAIRS, RepairSet
from mebench.data.recipe import TwinRecipe
from mebench.errors import MebenchError


class Dataset(ABC):
    """One database, in the layout its owner releases.

    Attributes:
        name: the registered name, first part of every clip key.
        annotation_files: glob patterns of the annotation file, tried in :attr:`annotation_folders` in order.
        annotation_folders: folders below the dataset's root in which to look.
        layouts: where frames lie; the first is the one that twins are written in.
        repairs: known errors of the annotation.
        twin: how to invent clips for a synthetic twin; None where a twin is not supported.
    """

    name: ClassVar[str]
    annotation_files: ClassVar[tuple[str, ...]]
    annotation_folders: ClassVar[tuple[str, ...]] = (".",)
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

    def find_annotation(self, root: Path) -> Path:
        """Return the annotation file below a root.

        Raises:
            MebenchError: the folder does not exist, is empty, or holds no such file.
        """
        if not root.is_dir():
            raise MebenchError(
                f"the {self.name} folder {root} does not exist: give the folder that holds the data"
            )
        for folder in self.annotation_folders:
            for pattern in self.annotation_files:
                # Lock files of open spreadsheets ("~$...") match the owner's name too.
                found = sorted(p for p in (root / folder).glob(pattern) if not p.name.startswith(("~", ".")))
                if found:
                    return found[0]
        if not any(root.iterdir()):
            raise MebenchError(f"the {self.name} folder {root} is empty: give the folder that holds the data")
        raise MebenchError(
            f"{root} holds no {self.name} annotation: expected {' or '.join(self.annotation_files)} in "
            f"{', '.join(self.annotation_folders)}; put it there or name it with --annotations FILE"
        )

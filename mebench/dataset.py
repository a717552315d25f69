"""The dataset interface: what a plugin says about one database, and reading it into clips.

    data = read_clips(Casme3(), Path("/data/CASME3"))
    data.table      # usable clips (mebench.clips.table)
    data.drops      # the others, each with its reason
    data.frames["casme3/spNO.1/b/166"]

A plugin gives names, places and the owner's cells; repairing, checking and finding frames is done here,
the same way for every dataset.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from mebench.clips.layout import FrameLayout, FrameList
from mebench.clips.marker import is_twin
from mebench.clips.repairs import NO_REPAIRS, RepairReport, RepairSet
from mebench.clips.sheet import sha256_of
from mebench.clips.table import Drop, check_clips, clip_rows, fill_middle_apex
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.synthetic.invent import TwinRecipe


class Dataset(ABC):
    """One database, in the layout its owner releases.

    Attributes:
        name: the registered name, first part of every clip key.
        annotation_files: glob patterns of the annotation file, tried in :attr:`annotation_folders` in order.
        annotation_folders: folders below the dataset's root in which to look.
        layouts: where frames lie; the first is the one that twins are written in.
        repairs: known errors of the annotation.
        middle_apex: whether a missing apex is taken as the middle of its window.
        twin: how to invent clips for a synthetic twin; None where a twin is not supported.
    """

    name: ClassVar[str]
    annotation_files: ClassVar[tuple[str, ...]]
    annotation_folders: ClassVar[tuple[str, ...]] = (".",)
    layouts: ClassVar[tuple[FrameLayout, ...]]
    repairs: ClassVar[RepairSet] = NO_REPAIRS
    middle_apex: ClassVar[bool] = False
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


@dataclass(frozen=True)
class ClipData:
    """A dataset read from disk.

    ``table`` holds the usable clips, ``drops`` the others; ``frames`` maps a clip's key to those frames of its
    window that lie on disk.
    """

    dataset: str
    root: Path
    annotation: Path
    sha256: str
    table: pd.DataFrame
    drops: tuple[Drop, ...]
    repairs: RepairReport
    frames: Mapping[str, FrameList]
    twin: bool

    def missing_frames(self) -> dict[str, int]:
        """Return how many frames of its window each clip lacks, for clips that lack any."""
        wanted = {c.key: c.offset - c.onset + 1 for c in clip_rows(self.table)}
        return {key: n - len(self.frames[key]) for key, n in wanted.items() if n > len(self.frames[key])}


def read_clips(
    dataset: Dataset, root: Path, annotation: Path | None = None, *, repairs: bool = True
) -> ClipData:
    """Read annotation and frame lists of a dataset.

    Args:
        dataset: the plugin's object.
        root: the folder that holds the data.
        annotation: the annotation file, where it does not lie below ``root``.
        repairs: whether the dataset's named repairs are applied.

    Raises:
        MebenchError: annotation or frames cannot be found, or the annotation cannot be read.
    """
    path, table, report, drops = read_table(dataset, root, annotation, repairs=repairs)
    if table.empty:
        why = f": row {drops[0].row}, {drops[0].key}: {drops[0].reason}" if drops else ""
        raise MebenchError(f"{path} has no usable clip{why}; restore the owner's annotation")
    layout = _layout_of(dataset, root, table)
    recordings: dict[tuple[str, ...], FrameList] = {}
    frames: dict[str, FrameList] = {}
    for clip in clip_rows(table):
        recording = (clip.subject, clip.clip, clip.emotion, clip.part)
        if recording not in recordings:
            recordings[recording] = layout.frames(root, clip)
        frames[clip.key] = recordings[recording].between(clip.onset, clip.offset)
    gone = table["key"].map(lambda key: not frames[key]).to_numpy(dtype=bool)
    drops += [Drop(c.key, c.row, "none of its frames is on disk") for c in clip_rows(table[gone])]
    return ClipData(
        dataset=dataset.name,
        root=root,
        annotation=path,
        sha256=_sha256_of(dataset, path, table),
        table=table[~gone].reset_index(drop=True),
        drops=tuple(drops),
        repairs=report,
        frames=frames,
        twin=is_twin(root, path, (f.paths[0] for f in frames.values() if f)),
    )


def read_annotated(
    dataset: Dataset, root: Path, annotation: Path | None = None, *, repairs: bool = True
) -> ClipData:
    """Read a dataset's annotation alone, for what needs no pictures; ``frames`` is empty.

    Raises:
        MebenchError: the annotation cannot be found or read.
    """
    path, table, report, drops = read_table(dataset, root, annotation, repairs=repairs)
    return ClipData(
        dataset=dataset.name,
        root=root,
        annotation=path,
        sha256=_sha256_of(dataset, path, table),
        table=table,
        drops=tuple(drops),
        repairs=report,
        frames={},
        twin=is_twin(root, path, ()),
    )


def read_table(
    dataset: Dataset, root: Path, annotation: Path | None = None, *, repairs: bool = True
) -> tuple[Path, pd.DataFrame, RepairReport, list[Drop]]:
    """Read, repair and check an annotation, without looking for frames.

    Returns:
        Where it was found, the usable clips, what was repaired, and the clips that cannot be used.

    Raises:
        MebenchError: it cannot be found or read.
    """
    path = annotation or dataset.find_annotation(root)
    if not path.exists():
        raise MebenchError(f"there is no annotation file {path}: check --annotations")
    repair_set = dataset.repairs if repairs else NO_REPAIRS
    table, report = repair_set.apply(dataset.read_annotation(path))
    table, drops = check_clips(fill_middle_apex(table) if dataset.middle_apex else table)
    return path, table, report, drops


def _sha256_of(dataset: Dataset, path: Path, table: pd.DataFrame) -> str:
    parts = dataset.annotation_parts(path)
    if len(parts) == 1:
        return sha256_of(parts[0])
    # Several files, or folders alone: what was read of them says which edition it was.
    content = [sha256_of(part) for part in parts] or [str(table.to_csv(index=False))]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _layout_of(dataset: Dataset, root: Path, table: pd.DataFrame) -> FrameLayout:
    for layout in dataset.layouts:
        if layout.holds_any(root, clip_rows(table)):
            return layout
    places = ", ".join(layout.template for layout in dataset.layouts)
    raise MebenchError(
        f"{root} holds no frames of any annotated subject: expected one of the layouts {places}"
    )

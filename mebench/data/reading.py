"""Reading a dataset into clips: annotation, repairs, checks, and the frames that lie on disk.

data = read_clips(Casme3(), Path("/data/CASME3"))
data.table      # usable clips (mebench.data.clips.table)
data.drops      # the others, each with its reason
data.frames["casme3/spNO.1/b/166"]
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.data.clips.columns import Columns, user_columns
from mebench.data.clips.coverage import too_few
from mebench.data.clips.layout import FrameLayout, FrameList
from mebench.data.clips.marker import any_marked, is_twin
from mebench.data.clips.remarks import Remark, shared_cause
from mebench.data.clips.repairs import NO_REPAIRS, RepairReport
from mebench.data.clips.sheet import sha256_of
from mebench.data.clips.table import Drop, check_clips, clip_rows, table_fault
from mebench.data.dataset import Dataset
from mebench.data.doubles import layout_that_counts, warn_of_doubles
from mebench.data.found import elsewhere, look
from mebench.data.links import links_followed, reading_below, refuse_leaving
from mebench.data.ready import ReadyFiles
from mebench.errors import MebenchError, reason_of

if TYPE_CHECKING:
    import pandas as pd


class NoFramesError(MebenchError):
    """No annotated clip has a frame where its layouts say; ``pictures`` tells whether anything like one is there."""

    def __init__(self, message: str, *, pictures: bool) -> None:
        super().__init__(message)
        self.pictures = pictures


@dataclass(frozen=True)
class ClipData:
    """A dataset read from disk.

    ``table`` holds the usable clips, ``drops`` the others; ``frames`` maps a clip's key to those frames of its
    window that lie on disk. ``remarks`` are what the dataset says of clips that it gives as annotated. ``edition``
    names the recognised edition of the annotation, ``unknown`` where it is none of those that the dataset knows;
    ``layout`` is the template of the folders that frames were taken from. ``ready`` is where ready inputs stand in for
    the recordings: a clip's only frame is then its picture (:mod:`mebench.data.ready`).
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
    remarks: tuple[Remark, ...] = ()
    edition: str = ""
    layout: str = ""
    ready: ReadyFiles | None = None

    def missing_frames(self) -> dict[str, int]:
        """Return how many frames of its window each clip lacks, for clips that lack any."""
        wanted = {c.key: c.offset - c.onset + 1 for c in clip_rows(self.table)}
        return {key: n - len(self.frames[key]) for key, n in wanted.items() if n > len(self.frames[key])}


def read_clips(
    dataset: Dataset,
    root: Path,
    annotation: Path | None = None,
    *,
    repairs: bool = True,
    judge_frames: bool = True,
    columns: Columns = (),
) -> ClipData:
    """Read annotation and frame lists of a dataset.

    A clip whose frames on disk are too few to stand for it is dropped (:mod:`mebench.data.clips.coverage`).

    Args:
        dataset: the plugin's object.
        root: the folder that holds the data.
        annotation: the annotation file, where it does not lie below ``root``.
        repairs: whether the dataset's named repairs are applied.
        judge_frames: whether too few frames drop a clip; without, only one that has none at all is dropped.
        columns: columns of the annotation that the user names.

    Raises:
        MebenchError: annotation or frames cannot be found, or the annotation cannot be read; or a link leaves the
            folder (:mod:`mebench.data.links`).
        UnreachableError: the system cannot list a folder.
    """
    if root.is_file():
        raise MebenchError(
            f"{root} is a file, and frames are needed too: give the {dataset.name} folder that holds them, and the "
            "annotation with --annotations where it lies elsewhere"
        )
    data = read_annotated(dataset, root, annotation, repairs=repairs, columns=columns)
    with reading_below(root):
        return _with_frames(dataset, data, judge_frames=judge_frames)


def _with_frames(dataset: Dataset, data: ClipData, *, judge_frames: bool) -> ClipData:
    table, root = data.table, data.root
    if table.empty:
        why = f": {shared_cause(data.drops)}" if data.drops else ""
        raise MebenchError(f"{data.annotation} has no usable clip{why}; restore the owner's annotation")
    layout = _layout_of(dataset, root, data.annotation, table)
    recordings: dict[tuple[str, ...], FrameList] = {}
    frames: dict[str, FrameList] = {}
    for clip in clip_rows(table):
        recording = (clip.subject, clip.clip, clip.emotion, clip.part)
        if recording not in recordings:
            recordings[recording] = layout.frames(root, clip)
        frames[clip.key] = recordings[recording].between(clip.onset, clip.offset)
    warn_of_doubles(dataset.name, recordings.values())
    faults = {clip.key: too_few(clip, frames[clip.key].numbers) for clip in clip_rows(table)}
    if not judge_frames:
        faults = {key: fault for key, fault in faults.items() if not frames[key]}
    gone = table["key"].map(lambda key: bool(faults.get(key))).to_numpy(dtype=bool)
    return replace(
        data,
        layout=layout.template,
        table=table[~gone].reset_index(drop=True),
        drops=(*data.drops, *(Drop(c.key, c.row, faults[c.key]) for c in clip_rows(table[gone]))),
        frames=frames,
        twin=data.twin or any_marked(f.paths[0] for f in frames.values() if f),
    )


def read_annotated(
    dataset: Dataset,
    root: Path,
    annotation: Path | None = None,
    *,
    repairs: bool = True,
    columns: Columns = (),
) -> ClipData:
    """Read a dataset's annotation alone, for what needs no pictures; ``frames`` is empty.

    Raises:
        MebenchError: the annotation cannot be found or read.
    """
    path, table, report, drops, edition = read_table(
        dataset, root, annotation, repairs=repairs, columns=columns
    )
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
        remarks=tuple(dataset.remarks(table)),
        edition=edition,
    )


def read_table(
    dataset: Dataset,
    root: Path,
    annotation: Path | None = None,
    *,
    repairs: bool = True,
    columns: Columns = (),
) -> tuple[Path, pd.DataFrame, RepairReport, list[Drop], str]:
    """Read, repair and check an annotation, without looking for frames.

    Returns:
        Where it was found, the usable clips, what was repaired, the clips that cannot be used, and the
        annotation's edition.

    Raises:
        MebenchError: it cannot be found or read.
    """
    with reading_below(root):
        path = annotation or _found_annotation(dataset, root)
        if not path.exists():
            raise MebenchError(f"there is no annotation file {path}: check --annotations")
        repair_set = dataset.repairs if repairs else NO_REPAIRS
        with user_columns(columns, path):
            written = _annotated(dataset, path)
    table, report = repair_set.apply(written)
    table, drops = check_clips(table)
    return path, table, report, drops, dataset.edition_of(path, written)


def _found_annotation(dataset: Dataset, root: Path) -> Path:
    path = dataset.find_annotation(root)
    for part in (path, *dataset.annotation_parts(path)):
        refuse_leaving(part)
    return path


def _annotated(dataset: Dataset, path: Path) -> pd.DataFrame:
    """Return the unrepaired clip table that a plugin reads, once it is one."""
    import pandas as pd

    kind = type(dataset)
    who = f"{path}: the reader of {dataset.name} ({kind.__module__}.{kind.__qualname__})"
    try:
        table: Any = dataset.read_annotation(path)
    except (MebenchError, OSError):
        raise
    except Exception as error:
        raise MebenchError(f"{who} failed: {reason_of(error)}; --debug shows where") from error
    if not isinstance(table, pd.DataFrame):
        raise MebenchError(f"{who} gave {type(table).__name__} where a clip table is due")
    if fault := table_fault(table, dataset.name):
        raise MebenchError(f"{who} gave a table {fault}; make_clip_table gives a right one")
    return table


def _sha256_of(dataset: Dataset, path: Path, table: pd.DataFrame) -> str:
    parts = dataset.annotation_parts(path)
    if len(parts) == 1:
        return sha256_of(parts[0])
    # Several files, or folders alone: what was read of them says which edition it was.
    content = [sha256_of(part) for part in parts] or [str(table.to_csv(index=False))]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _layout_of(dataset: Dataset, root: Path, annotation: Path, table: pd.DataFrame) -> FrameLayout:
    clips = list(clip_rows(table))
    if layout := layout_that_counts(dataset.name, dataset.layouts, root, clips):
        return layout
    places = ", ".join(layout.template for layout in dataset.layouts)
    nothing = f"{root} holds no frames of any annotated subject: expected one of the layouts {places}"
    with links_followed():  # nothing of what is found there is read
        folder = elsewhere(dataset.layouts, root, clips)
    if folder is not None:
        raise NoFramesError(
            f"{nothing}; they lie in {folder}: give that folder, with --annotations {annotation}",
            pictures=True,
        )
    found = look(root)
    raise NoFramesError(f"{nothing}; found {found.words}: {found.mend}", pictures=found.any)

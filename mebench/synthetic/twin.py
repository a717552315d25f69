"""Making a twin: a folder that a dataset's own plugin reads like the real one.

    make_twin(Casme3(), Path("twin"), TwinOptions(subjects=8, clips=12, size=96, seed=0))

Frames are drawn for an invented annotation or for a real one (:attr:`TwinOptions.annotations`). The folder
appears under its name only when it is complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.data.clips.aus import parse_aus
from mebench.data.clips.layout import FrameLayout, forget_folders
from mebench.data.clips.marker import MARKER_COMMENT, MARKER_FILE, save_marked
from mebench.data.clips.sheet import sha256_of
from mebench.data.clips.table import ClipRow, check_clips, clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import read_table
from mebench.data.recipe import TwinRecipe
from mebench.errors import MebenchError
from mebench.files import disk_errors, to_json, whole_folder, write_atomically
from mebench.parallel import cores, map_processes
from mebench.synthetic.annotation import copy_annotation, mark_workbook
from mebench.synthetic.invent import invent_clips
from mebench.synthetic.quirks import add_quirks
from mebench.synthetic.units import SIDES, Movement

if TYPE_CHECKING:
    import pandas as pd

# Part of a twin's identity: raise it when the same options draw other pictures.
DRAWING_VERSION = 1

Progress = Callable[[int, int], None]

# Pixels that are drawn in two seconds: about as long as processes take to start and to import what draws.
_DRAWN_AT_ONCE = 10_000_000


@dataclass(frozen=True)
class TwinOptions:
    """What a twin is made of; ``size`` is the frames' side in pixels, ``clips`` counts per subject.

    ``strength`` 1.0 moves faces as much as a strong micro-expression does; the default is more, so that a
    small network learns a small twin within a minute.
    ``annotations`` draws the clips of a real workbook instead of inventing ``subjects`` x ``clips``.
    ``layout`` is the place of the folder layout among the dataset's.
    ``quirks`` makes the twin as untidy as releases are (:mod:`mebench.synthetic.quirks`); the marker file says
    what was done, under ``quirks_made``.
    """

    subjects: int = 8
    clips: int = 12
    size: int = 96
    strength: float = 2.0
    seed: int = 0
    annotations: Path | None = None
    layout: int = 0
    quirks: bool = False

    def key(self) -> str:
        """Return a hash of everything that decides the twin's bytes."""
        parts = asdict(self) | {"annotations": self.annotations and sha256_of(self.annotations)}
        return hashlib.sha256(to_json(parts | {"drawing": DRAWING_VERSION}).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _ClipJob:
    root: Path
    layout: FrameLayout
    options: TwinOptions
    clip: ClipRow


def _drawn(jobs: Sequence[_ClipJob], workers: int) -> Generator[int, None, None]:
    """Yield how many frames of each clip were written, by so many processes; 0 for this one."""
    if workers:
        yield from map_processes(_draw_clip, jobs, workers)
    else:
        yield from map(_draw_clip, jobs)


def make_twin(
    dataset: Dataset,
    out: Path,
    options: TwinOptions,
    progress: Progress = lambda done, total: None,
    *,
    workers: int | None = None,
) -> int:
    """Write a twin of ``dataset`` into the empty or new folder ``out``.

    Args:
        dataset: the plugin's object; its first layout and its annotation format are used.
        out: where to write.
        options: what to draw.
        progress: called with clips done and clips in all.
        workers: processes that draw; 0 draws in this one. If nothing is said, one for each core where that is faster.

    Returns:
        The number of frames written.

    Raises:
        MebenchError: the dataset has no twin recipe, the folder holds something else, the annotation would not be
            read back row by row, or the disk refuses.
    """
    if dataset.twin is None:
        raise MebenchError(f"dataset {dataset.name!r} has no recipe for a synthetic twin")
    if out.exists() and any(out.iterdir()):
        raise MebenchError(f"{out} is not empty: name a new folder for the twin")
    with disk_errors(out, "free some space or make a smaller twin"), whole_folder(out) as folder:
        table, edition = _write_annotation(dataset, dataset.twin, folder, options)
        layout = dataset.layouts[options.layout]
        jobs = [_ClipJob(folder, layout, options, clip) for clip in clip_rows(table)]
        for job in jobs:  # a name that leads elsewhere is told before any is drawn
            layout.path(folder, job.clip, job.clip.onset)
        frames = 0
        if workers is None:
            pixels = options.size**2 * sum(job.clip.offset - job.clip.onset + 1 for job in jobs)
            workers = cores() if pixels > _DRAWN_AT_ONCE else 0
        workers = min(workers, len(jobs))
        # Stopped, the drawing ends before its folder is taken away.
        with closing(_drawn(jobs, workers)) as drawn:
            for done, written in enumerate(drawn, start=1):
                frames += written
                progress(done, len(jobs))
        described = asdict(options) | {"annotations": options.annotations and options.annotations.name}
        marker = {
            "what": MARKER_COMMENT.decode(),
            "dataset": dataset.name,
            "edition": edition,
            "drawing": DRAWING_VERSION,
            **described,
            **({"quirks_made": add_quirks(dataset, folder, seed=options.seed)} if options.quirks else {}),
        }
        write_atomically(folder / MARKER_FILE, to_json(marker))
    forget_folders()
    return frames


def _write_annotation(
    dataset: Dataset, recipe: TwinRecipe, out: Path, options: TwinOptions
) -> tuple[pd.DataFrame, str]:
    """Write the twin's annotation, if the dataset has a file of it; return the clips to draw, and its edition.

    An invented annotation is no edition of its owner's.
    """
    if options.annotations is not None:
        path = copy_annotation(dataset, options.annotations, out)
        _, table, _, _, edition = read_table(dataset, out, path)
        return table, edition
    table = invent_clips(
        dataset.name, recipe, subjects=options.subjects, clips=options.clips, seed=options.seed
    )
    if not recipe.annotation_file:
        return check_clips(table)[0], ""
    path = out / recipe.annotation_file
    dataset.write_annotation(table, path)
    for part in dataset.annotation_parts(path):
        mark_workbook(part)
    return read_table(dataset, out, path)[1], ""


def _draw_clip(job: _ClipJob) -> int:
    """Draw and write one clip; a frame that a neighbouring clip has written already stays."""

    from mebench.synthetic.render import render_clip

    clip, options = job.clip, job.options
    pictures = render_clip(
        seed=options.seed,
        subject=clip.subject,
        clip=f"{clip.clip}/{clip.onset}",
        movements=list(_movements(clip.aus, options.strength)),
        frames=clip.offset - clip.onset + 1,
        apex=clip.apex - clip.onset,
        size=options.size,
    )
    written = 0
    for number, pixels in enumerate(pictures, start=clip.onset):
        path = job.layout.path(job.root, clip, number)
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        save_marked(pixels, path)
        written += 1
    return written


def _movements(aus: str, strength: float) -> Iterator[Movement]:
    for unit in parse_aus(aus):
        if unit.kind == "AU":
            # "A" (asymmetric) does not say which side is stronger: both move.
            yield Movement(unit.number, unit.side if unit.side in SIDES else "", strength)

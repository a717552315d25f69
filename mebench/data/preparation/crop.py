"""Cropping one take: a face is found in its first readable frame, and the whole take follows that one.

    outcome = crop_take(job)
    finished(job)            # the outcome again, in this run or a later one; None while anything is missing

A take's frames are made in a folder aside, moved to their places, and only then recorded: what has no record,
or lacks a frame, is made again.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mebench.data.clips.marker import save_marked
from mebench.data.fetching import read_bytes
from mebench.data.pictures import decode_whole
from mebench.data.preparation.align import centre_transform, face_transform, warp
from mebench.data.preparation.detect import find_face, load_detector
from mebench.data.preparation.takes import Take
from mebench.errors import MebenchError
from mebench.files import disk_errors, read_json, to_json, write_atomically


@dataclass(frozen=True)
class CropJob:
    """What a worker process is told: ``records`` is the folder of records, ``out`` the prepared dataset."""

    take: Take
    out: Path
    records: Path
    size: int
    detector: str
    model: Path | None
    twin: bool

    @property
    def record(self) -> Path:
        """The take's record, under a name that no annotation can lead astray."""
        name = hashlib.sha256("\n".join(map(str, self.take.targets)).encode()).hexdigest()[:20]
        return self.records / f"{name}.json"


@dataclass(frozen=True)
class Outcome:
    """What became of a take.

    ``landmarks`` are those of the face in the source's frame ``looked_at``, pixels; None where no face was
    found there. ``damaged`` numbers the frames that are no readable pictures, copied as they are.
    """

    keys: list[str]
    numbers: list[int]
    looked_at: int | None
    landmarks: list[list[float]] | None
    damaged: list[int]

    @property
    def why_no_face(self) -> str:
        """Say why the take was not aligned; empty where it was."""
        if self.looked_at is None:
            return "none of its frames is a readable picture"
        return "" if self.landmarks else f"no face in frame {self.looked_at}"


def finished(job: CropJob) -> Outcome | None:
    """Return a take's recorded outcome, if the record is of these frames and all of them are there."""
    if not job.record.is_file():
        return None
    try:
        outcome = Outcome(**read_json(job.record))
    except (MebenchError, TypeError):
        return None
    asked = (list(job.take.keys), list(job.take.frames.numbers))
    there = all((job.out / target).is_file() for target in job.take.targets)
    return outcome if there and (outcome.keys, outcome.numbers) == asked else None


def crop_take(job: CropJob) -> Outcome:
    """Align and crop the frames of one take, and record it.

    Raises:
        UnreachableError: the system cannot read a frame; the take is not recorded then.
        MebenchError: the detector cannot be loaded, or the disk refuses.
    """
    _refuse_link_out(job)
    aside = job.record.with_suffix(".part")
    mend = "free some space, then run the same command again: finished clips are kept"
    with disk_errors(job.out, mend):
        job.record.unlink(missing_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        outcome = _crop_into(aside, job)
        for target in job.take.targets:
            (job.out / target).parent.mkdir(parents=True, exist_ok=True)
            (aside / target.name).replace(job.out / target)
        aside.rmdir()
    write_atomically(job.record, to_json(asdict(outcome)))
    return outcome


def _refuse_link_out(job: CropJob) -> None:
    for folder in dict.fromkeys((job.out / target).parent for target in job.take.targets):
        if not folder.resolve().is_relative_to(job.out.resolve()):
            raise MebenchError(
                f"{folder} lies behind a link that leaves {job.out}: take that away, or name a new folder"
            )


def _crop_into(folder: Path, job: CropJob) -> Outcome:
    frames = job.take.frames
    matrix: np.ndarray | None = None
    landmarks: np.ndarray | None = None
    looked_at: int | None = None
    damaged = []
    for number, path, target in zip(frames.numbers, frames.paths, job.take.targets, strict=True):
        content = read_bytes(path)
        picture = decode_whole(path, content)
        if picture is None:
            (folder / target.name).write_bytes(content)
            damaged.append(number)
            continue
        if matrix is None:
            looked_at = number
            landmarks = find_face(load_detector(job.detector, job.model), picture)
            matrix = (
                centre_transform(*picture.size, job.size)
                if landmarks is None
                else face_transform(landmarks, job.size)
            )
        _save(warp(picture, matrix, job.size), folder / target.name, twin=job.twin)
    return Outcome(
        keys=list(job.take.keys),
        numbers=list(frames.numbers),
        looked_at=looked_at,
        landmarks=None if landmarks is None else landmarks.round(3).tolist(),
        damaged=damaged,
    )


def _save(picture: Image.Image, path: Path, *, twin: bool) -> None:
    if twin:
        save_marked(np.asarray(picture), path)
    elif path.suffix.lower() in (".jpg", ".jpeg"):
        # Colour at full resolution: a second compression should cost as little as it can.
        picture.save(path, quality=95, subsampling=0)
    else:
        picture.save(path)

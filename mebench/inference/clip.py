"""A user's own clip: a folder of pictures or a video, its window, and the reader that inputs are computed from.

    with user_clip(Path("talk.mp4"), Asked(onset=12), preparation) as clip:
        clip.reader                 # mebench.features.reader.ClipReader
        clip.window                 # onset, apex and offset, and where each comes from

Decoded and cropped frames lie in a temporary folder for as long as the block lasts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from mebench.data.clips.layout import FrameList
from mebench.data.fetching import is_there
from mebench.errors import MebenchError, first_few
from mebench.features.reader import ClipReader, NothingReadableError
from mebench.features.spotting import spot_apex
from mebench.inference.faces import Preparation, crop_clip
from mebench.inference.pictures import numbered_pictures
from mebench.inference.video import decode_window
from mebench.inference.window import Asked, one_frame

# Micro-expressions last 0.5 s at most (Yan et al. 2013, doi:10.1007/s10919-013-0159-8); some databases of the field
# hold longer ones, so that only clearly longer windows are spoken of.
_LONG_SECONDS = 1.0


class Window(NamedTuple):
    """Frame numbers, and where each comes from: ``given``, ``first frame``, ``last frame`` or ``spotted``."""

    onset: int
    apex: int
    offset: int
    sources: dict[str, str]


@dataclass(frozen=True)
class UserClip:
    """A clip of the user's.

    ``prepared`` tells whether its face was cropped; ``notes`` are sentences on what was assumed of it or done to it.
    """

    name: str
    reader: ClipReader
    window: Window
    prepared: bool
    notes: tuple[str, ...]


@contextmanager
def user_clip(path: Path, asked: Asked, preparation: Preparation) -> Iterator[UserClip]:
    """Yield a user's clip; see the module.

    Raises:
        MebenchError: there is no such file, it holds no frames, or the window does not fit it.
        UnreachableError: the system cannot read it.
    """
    asked.check_order()
    if not is_there(path):
        raise MebenchError(f"there is no {path}: name a folder of pictures, or a video")
    with tempfile.TemporaryDirectory(prefix="mebench-clip-") as temporary:
        room = Path(temporary)
        try:
            yield _prepared_clip(path, asked, preparation, room)
        except NothingReadableError as error:
            raise MebenchError(f"{path}: none of the window's frames is a readable picture") from error


def _prepared_clip(path: Path, asked: Asked, preparation: Preparation, room: Path) -> UserClip:
    frames, onset, offset, notes = _found(path, asked, room)
    notes.append(preparation.said)
    if preparation.crop:
        (room / "faces").mkdir()
        frames, why = crop_clip(frames, preparation, room / "faces")
        if why:
            notes.append(why)
    name = path.resolve().stem if path.is_file() else path.resolve().name
    reader = ClipReader(name, onset, onset, offset, frames)
    if asked.apex is None:
        apex, source, said = _spotted(reader)
        notes.append(said)
    else:
        apex, source = asked.apex, "given"
    sources = {
        "onset": "first frame" if asked.onset is None else "given",
        "apex": source,
        "offset": "last frame" if asked.offset is None else "given",
    }
    return UserClip(
        name,
        replace(reader, apex=apex),
        Window(onset, apex, offset, sources),
        preparation.crop,
        tuple(notes),
    )


def _found(path: Path, asked: Asked, room: Path) -> tuple[FrameList, int, int, list[str]]:
    """Return the frames of the window, its ends, and what is to be said of them."""
    notes: list[str] = []
    if path.is_dir():
        every, by_name = numbered_pictures(path)
        if len(every) == 1:
            raise one_frame(str(path))
        onset, offset = asked.within(every.numbers[0], every.numbers[-1], str(path))
        frames = every.between(onset, offset)
        if not by_name:
            named = first_few(
                (f"{n} {p.name}" for n, p in zip(every.numbers, every.paths, strict=True)), most=3
            )
            notes.append(f"frames are counted in the order of their names: {named}")
    else:
        (room / "frames").mkdir()
        video = decode_window(path, asked, room / "frames")
        frames, onset, offset = video.frames, video.onset, video.offset
        notes += video.notes
        if video.fps and (seconds := (offset - onset) / video.fps) > _LONG_SECONDS:
            notes.append(
                f"the window lasts {seconds:.1f} s, and a micro-expression at most half a second: "
                "--onset and --offset say where it lies"
            )
    if len(frames) < 2:
        raise MebenchError(
            f"only {len(frames)} of the frames {onset} to {offset} is in {path}: a clip is at least two"
        )
    if missing := offset - onset + 1 - len(frames):
        notes.append(f"{missing} of {offset - onset + 1} frames of the window are missing and bridged")
    return frames, onset, offset, notes


def _spotted(reader: ClipReader) -> tuple[int, str, str]:
    """Return the apex, where it comes from, and the sentence that says so; by flow, which is surer, if it can be."""
    if len(reader.frames) == 2:
        return reader.offset, "last frame", f"the apex is the second of the two frames ({reader.offset})"
    flow = find_spec("cv2") is not None
    apex = spot_apex(reader, "flow" if flow else "difference")
    by = "motion" if flow else "difference"
    said = f"the apex is spotted: frame {apex}, of the greatest {by} against onset and offset; --apex names another"
    return apex, "spotted", said

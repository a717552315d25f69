"""Clips of a drawn face on disk, of any length: what an input is computed of where no recording is at hand.

clip = drawn_clip(folder, frames=9, apex=4)         # a ClipReader
clip = drawn_clip(folder, frames=9, apex=4, first=200)      # the same pictures, numbered from 200
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.features.reader import ClipReader
from mebench.synthetic.render import render_clip
from mebench.synthetic.units import Movement

SIZE = 96


def drawn_clip(
    folder: Path,
    *,
    frames: int = 9,
    apex: int = 4,
    first: int = 1,
    without: Collection[int] = (),
    key: str = "drawn/subject/clip/1",
    subject: str = "subject",
) -> ClipReader:
    """Return a clip of a face that smiles and frowns, 96 x 96 pixels; its pictures are written once a folder.

    Args:
        folder: where pictures lie.
        frames: from onset to offset.
        apex: its place among them, from 0.
        first: number of the onset's frame.
        without: places of frames that are missing, as releases lose some.
        key: of the clip, by which no input may tell anything.
        subject: another one is another face.
    """
    place = folder / f"{subject}-{frames}-{apex}"
    if not place.exists():
        place.mkdir(parents=True)
        movements = [Movement(12, "", 2.0), Movement(4, "", 2.0)]
        pictures = render_clip(
            seed=0, subject=subject, clip="clip", movements=movements, frames=frames, apex=apex, size=SIZE
        )
        for number, pixels in enumerate(pictures):
            Image.fromarray(pixels).save(place / f"{number}.png")
    there = [number for number in range(frames) if number not in without]
    found = FrameList(
        tuple(first + number for number in there), tuple(place / f"{number}.png" for number in there)
    )
    return ClipReader(key, first, first + apex, first + frames - 1, found)

"""Computing an input of every clip of a dataset, on every core, in the order that is asked for.

for made in make_each(data, wanted, places):
    made.array, made.notes      # of one clip
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mebench.data.clips.table import clip_rows
from mebench.data.reading import ClipData
from mebench.features.inputs import Input, as_declared
from mebench.features.reader import ClipReader, NothingReadableError, PictureNotes
from mebench.parallel import cores, map_threads


@dataclass(frozen=True)
class Made:
    """An input of one clip, C-contiguous and as declared, and what its pictures needed."""

    array: np.ndarray
    notes: PictureNotes


def make_each(data: ClipData, wanted: Input, places: Sequence[int]) -> Iterator[Made | NothingReadableError]:
    """Yield an input of clips of a dataset, which are named by their places in its table, in that order.

    A clip of which nothing can be read yields the error that says so.

    Raises:
        UnreachableError: the system cannot read a file.
        MebenchError: an array is not as declared.
    """

    def made(reader: ClipReader) -> Made | NothingReadableError:
        try:
            array = wanted.compute(reader)
        except NothingReadableError as error:
            return error
        return Made(np.ascontiguousarray(as_declared(wanted, array)), reader.notes())

    yield from map_threads(made, readers(data, places), cores())


def readers(data: ClipData, places: Sequence[int]) -> Iterator[ClipReader]:
    """Yield readers of clips, which are named by their places in the table."""
    clips = list(clip_rows(data.table))
    for place in places:
        clip = clips[place]
        yield ClipReader(clip.key, clip.onset, clip.apex, clip.offset, data.frames[clip.key])

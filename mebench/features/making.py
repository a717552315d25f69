"""Computing an input of every clip of a dataset, on every core, in the order that is asked for.

for made in make_each(data, wanted, places):
    made.array, made.notes      # of one clip
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from mebench.data.clips.table import clip_rows
from mebench.data.fetching import read_bytes
from mebench.data.pictures import Square, decode_square
from mebench.data.reading import ClipData
from mebench.features.inputs import Input, as_declared
from mebench.features.made import Made
from mebench.features.opencv import opencv_in_one_thread
from mebench.features.reader import ClipReader, NothingReadableError
from mebench.features.sealed import SealedInput, is_of_core
from mebench.parallel import cores, map_threads
from mebench.plugin import integrity


def make_each(
    data: ClipData,
    wanted: Input,
    places: Sequence[int],
    protected: Sequence[Path] = (),
    read: Callable[[Path], bytes] = read_bytes,
) -> Iterator[Made | NothingReadableError]:
    """Yield an input of clips of a dataset, which are named by their places in its table, in that order.

    The core's own inputs are computed in threads of this process, a plugin's in sealed processes that can read neither
    the dataset nor what lies in ``protected``. ``read`` gives the bytes of a picture's file. A clip of which nothing
    can be read yields the error that says so.

    Raises:
        UnreachableError: the system cannot read a file.
        MebenchError: the input fails, or an array is not as declared; or a plugin has changed mebench.
    """
    integrity.refuse_patched()
    if not is_of_core(wanted):
        with SealedInput(wanted, (data.root, data.annotation, *protected)) as sealed:
            yield from map_threads(sealed.made, readers(data, places, read), cores(), sealed.stop)
        return

    def made(reader: ClipReader) -> Made | NothingReadableError:
        try:
            array = wanted.compute(reader)
        except NothingReadableError as error:
            return error
        return Made(np.ascontiguousarray(as_declared(wanted, array)), reader.notes(), reader.looked_at())

    # A clip for each core; of fewer, OpenCV may share one out.
    with opencv_in_one_thread() if len(places) >= cores() else nullcontext():
        yield from map_threads(made, readers(data, places, read), cores())


def sees_all(wanted: Input) -> bool:
    """Tell whether an input may see pictures that its reader does not know of: it computes here, and is not the core's.

    The program that is run may open a clip's files by itself.
    """
    return is_of_core(wanted) and type(wanted).__module__.partition(".")[0] != "mebench"


def readers(
    data: ClipData, places: Sequence[int], read: Callable[[Path], bytes] = read_bytes
) -> Iterator[ClipReader]:
    """Yield readers of clips, which are named by their places in the table."""

    def decoded(path: Path, size: int) -> Square:
        return decode_square(path, read(path), size)

    clips = list(clip_rows(data.table))
    for place in places:
        clip = clips[place]
        yield ClipReader(clip.key, clip.onset, clip.apex, clip.offset, data.frames[clip.key], decoded)

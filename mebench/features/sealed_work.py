"""The sealed side of a plugin's input: arrays of clips, whose pictures the main process hands over one by one.

    work(channel, assignment)       # in a process that can read no dataset and no label

It is told neither names nor places: a clip is a window and a list of frame numbers.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.layout import FrameList
from mebench.data.pictures import Square
from mebench.errors import MebenchError, sentence_of
from mebench.features.opencv import opencv_in_one_thread
from mebench.features.reader import ClipReader, NothingReadableError
from mebench.sealed.channel import Channel
from mebench.sealed.denied import explain_denied
from mebench.torchvision_shim import watch_torchvision

# Before the plugin's module, which may import torchvision.
watch_torchvision()


def work(channel: Channel, assignment: bytes) -> None:
    """Compute an input of one clip after another, until the main process wants no more.

    ``assignment`` is a pickle of the user's file that the input comes from (or None), which makes its module
    importable, of the input, itself pickled, and of the seal.
    """
    _file, wanted, seal = pickle.loads(assignment)
    while True:
        clip = channel.receive().message
        try:
            if isinstance(wanted, bytes):
                wanted = pickle.loads(wanted)  # imports the plugin
            with opencv_in_one_thread():  # each core has such a process
                made = _made(channel, wanted, clip)
            channel.send(*made)
        except NothingReadableError:
            channel.send({"nothing": True})
        except (EOFError, BrokenPipeError):
            raise
        except BaseException as error:
            traceback.print_exc()
            channel.send({"failed": explain_denied(error, seal) or sentence_of(error)})


def _made(
    channel: Channel, wanted: Any, clip: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    numbers = tuple(clip["numbers"])
    # A picture has no name here but its place in the list.
    paths = tuple(Path(str(place)) for place in range(len(numbers)))

    def asked(path: Path, size: int) -> Square:
        channel.send({"picture": int(path.name), "size": size})
        answer = channel.receive()
        pixels = answer.arrays.get("pixels")
        if pixels is not None:
            pixels.flags.writeable = False  # as a decoded picture's are
        return Square(pixels)

    reader = ClipReader(
        clip["clip"], clip["onset"], clip["apex"], clip["offset"], FrameList(numbers, paths), asked
    )
    array = wanted.compute(reader)
    if not isinstance(array, np.ndarray):
        raise MebenchError(f"its compute() gave {type(array).__name__} where an array is due")
    return {"made": True, "faceless": list(reader.notes().faceless)}, {"array": array}

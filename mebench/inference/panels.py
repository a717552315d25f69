"""What an explanation's picture is made of: pictures of the face, and over each what its places add.

for group in groups(fitted, clip, said, explanation):
    group.title, group.panels            # "apex frame: +1.2", [Panel(...)]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from mebench.features.flow import FlowStack
from mebench.features.inputs import ClipFrames, Input, OnsetAndApex
from mebench.features.reader import ClipReader
from mebench.inference.explaining import Explanation
from mebench.inference.references import is_map

FACE = 224  # side of the face under a map of motion, in pixels
MOST_PANELS = 16

# Shares of a panel's side and of a group's values: single pixels are noise to the eye, and single peaks would hide
# all the rest.
_BLUR = 0.035
_FULL = 99.0
# Log-odds, for and against together, that an input must move for full colours: what hardly moves them looks pale.
_LEAST = 0.1


@dataclass(frozen=True)
class Panel:
    """One picture, uint8 (H, W, 3), and ``heat`` over it, (H, W) in -1..1: against and for the class.

    ``seen`` is what the network sees there where that is no face, such as flow.
    """

    face: np.ndarray
    heat: np.ndarray
    label: str
    apex: bool = False
    seen: np.ndarray | None = None


@dataclass(frozen=True)
class Group:
    """The panels of one input; ``added`` is what it adds to the log-odds as a whole, ``left_out`` panels not shown."""

    name: str
    added: float
    panels: tuple[Panel, ...]
    left_out: int = 0

    @property
    def title(self) -> str:
        """Return the input's name and what it adds."""
        shown = f", {len(self.panels)} of {len(self.panels) + self.left_out} shown" if self.left_out else ""
        return f"{self.name}: {self.added:+.2f}{shown}"


def groups(
    wanted: Mapping[str, Input], shown: Mapping[str, np.ndarray], found: Explanation, reader: ClipReader
) -> tuple[list[Group], list[str]]:
    """Return a group for each input that is a map of the face, and the names of those that are not."""
    sums = found.sums()
    drawn, other = [], []
    for name, each in wanted.items():
        if not is_map(each):
            other.append(name)
            continue
        heats = _heats(found.added[name], each)
        places = _places(each, len(heats), reader)
        every = [
            _panel(each, shown[name], index, heat, places[index], reader) for index, heat in enumerate(heats)
        ]
        chosen = _chosen(every)
        drawn.append(Group(name, sums[name], tuple(every[i] for i in chosen), len(every) - len(chosen)))
    return drawn, other


def _chosen(panels: list[Panel]) -> list[int]:
    """Return which panels are shown: all, or evenly spaced ones with the apex among them."""
    if len(panels) <= MOST_PANELS:
        return list(range(len(panels)))
    even = np.rint(np.linspace(0, len(panels) - 1, MOST_PANELS)).astype(int)
    for apex in (i for i, panel in enumerate(panels) if panel.apex):
        even[np.abs(even - apex).argmin()] = apex
    return [int(i) for i in even]


def _heats(added: np.ndarray, wanted: Input) -> np.ndarray:
    """Return what each place adds, (T, H, W), blurred and scaled to -1..1, alike for all of an input."""
    maps = added.sum(axis=0) if wanted.kind == "picture" else added.sum(axis=-1)
    maps = maps.reshape(-1, *maps.shape[-2:])
    sigma = _BLUR * maps.shape[-1]
    blurred = np.stack([gaussian_filter(each.astype(np.float64), sigma) for each in maps])
    full = np.percentile(np.abs(blurred), _FULL) or np.abs(blurred).max() or 1.0
    strength = min(1.0, float(np.abs(maps).sum(dtype=np.float64)) / _LEAST)
    return np.clip(blurred / full, -1, 1) * strength


def _panel(
    wanted: Input, shown: np.ndarray, index: int, heat: np.ndarray, place: _Place, reader: ClipReader
) -> Panel:
    side = max(FACE, heat.shape[0])
    smooth = Image.fromarray(heat.astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
    heat = np.clip(np.asarray(smooth), -1, 1)
    one = shown[index] if shown.ndim == 4 else shown
    if wanted.kind == "picture":
        colours = one if one.shape[-1] == 3 else np.repeat(one[..., :1], 3, axis=-1)
        face = np.asarray(Image.fromarray(colours).resize((side, side), Image.Resampling.BICUBIC))
        return Panel(face, heat, place.label, place.apex)
    return Panel(reader.frame(place.number, side), heat, place.label, place.apex, _as_picture(one))


def _as_picture(measured: np.ndarray) -> np.ndarray:
    """Return a map of measurements (H, W, C) as a picture: colours as they are, else its length as grey."""
    if measured.dtype == np.uint8 and measured.shape[-1] == 3:
        return measured
    length = np.linalg.norm(measured.astype(np.float64), axis=-1)
    grey = np.rint(255 * length / (length.max() or 1)).astype(np.uint8)
    return np.repeat(grey[..., np.newaxis], 3, axis=-1)


class _Place(NamedTuple):
    """Which frame a panel shows: the nearest frame's number, its label, and whether it is the apex or nearest to it."""

    number: int
    label: str
    apex: bool = False


def _places(wanted: Input, count: int, reader: ClipReader) -> list[_Place]:
    """Return the places of an input's panels; those of a lone one, or of unknown ones, are at the apex."""
    positions = _positions(wanted, reader)
    if positions is None:
        labels = [f"{i} of {count}" for i in range(1, count + 1)] if count > 1 else [f"frame {reader.apex}"]
        return [_Place(reader.apex, label) for label in labels]
    nearest = min(range(count), key=lambda i: abs(positions[i] - reader.apex))
    apex = ", apex" if positions[nearest] == reader.apex else ", by the apex"
    return [
        _Place(round(position), f"{round(position, 1):g}{apex if i == nearest else ''}", i == nearest)
        for i, position in enumerate(positions)
    ]


def _positions(wanted: Input, reader: ClipReader) -> list[float] | None:
    if isinstance(wanted, ClipFrames):
        return [float(p) for p in wanted.positions(reader.onset, reader.offset)]
    if isinstance(wanted, FlowStack):
        return [float(p) for p in np.rint(np.linspace(reader.onset, reader.offset, wanted.n + 1)[1:])]
    if isinstance(wanted, OnsetAndApex):
        return [float(reader.onset), float(reader.apex)]
    return None

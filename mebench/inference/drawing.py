"""An explanation as one picture: what the model says, and the face with what speaks for and against it.

content = draw(heading, groups)       # PNG
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mebench.inference.panels import Group, Panel
from mebench.plain_text import plain

_COLUMNS = 8  # small panels in a row
_LARGE = 2  # small panels that a large one is as wide as
_INCH = 1.15  # a small panel's side
_FOR, _AGAINST = (0.84, 0.08, 0.10), (0.08, 0.30, 0.88)  # told apart by the colour-blind, too
_APEX = "#1a7f37"
_STRONGEST = 0.75  # share of the colour: the face shows through everywhere


@dataclass(frozen=True)
class Heading:
    """The words of the picture: ``title`` in large letters, ``lines`` under it, ``foot`` below all.

    ``scale`` names the two ends of the colours: against and for.
    """

    title: str
    lines: tuple[str, ...]
    foot: tuple[str, ...]
    scale: tuple[str, str]
    large: tuple[tuple[str, np.ndarray], ...]


def draw(heading: Heading, groups: Sequence[Group]) -> bytes:
    """Return the picture as PNG.

    ``heading.large`` are pictures without colours (the onset and apex frame); then come inputs of one panel, large,
    and those of several in rows, each with its faces above.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    single = [group for group in groups if len(group.panels) == 1]
    rows = [group for group in groups if len(group.panels) > 1]
    large: list[tuple[str, np.ndarray, np.ndarray | None]] = [
        (label, face, None) for label, face in heading.large
    ]
    for group in single:
        (panel,) = group.panels
        if panel.seen is not None:
            large.append((f"{group.name}, as the network sees it", panel.seen, None))
        large.append((group.title, panel.face, panel.heat))
    width = _COLUMNS * _INCH + 0.5
    foot = [line for text in heading.foot for line in textwrap.wrap(text, 150)]
    lines = [line for text in heading.lines for line in textwrap.wrap(text, 126)]
    large_rows = -(-len(large) * _LARGE // _COLUMNS)
    heights = [0.44 + 0.2 * len(lines), *[_LARGE * _INCH + 0.24] * large_rows]
    for group in rows:
        span = _span(group)
        heights += [0.3, *[2 * span * _INCH + 0.28] * -(-len(group.panels) * span // _COLUMNS)]
    heights += [0.6, 0.17 * len(foot) + 0.1]
    figure = Figure(figsize=(width, sum(heights)), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    page = _Page(figure, width, sum(heights))
    page.write(heading.title, 0.24, size=15, weight="bold")
    page.down(0.36)
    for line in lines:
        page.write(line, 0.13, size=9)
        page.down(0.2)
    page.down(0.08)
    for start in range(0, len(large), _COLUMNS // _LARGE):
        for column, (label, face, heat) in enumerate(large[start : start + _COLUMNS // _LARGE]):
            page.picture(column * _LARGE, _LARGE, face, heat, label)
        page.down(_LARGE * _INCH + 0.24)
    for group in rows:
        page.write(f"{group.title}; above what the network sees, below what it adds", 0.2, size=9.5)
        page.down(0.3)
        span = _span(group)
        for start in range(0, len(group.panels), _COLUMNS // span):
            page.row(group.panels[start : start + _COLUMNS // span], span)
            page.down(2 * span * _INCH + 0.28)
    page.scale(*heading.scale)
    page.down(0.6)
    for line in foot:
        page.write(line, 0.12, size=7.5, colour="#444444")
        page.down(0.17)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _span(group: Group) -> int:
    """Return how many columns a panel of several takes: a few are large."""
    return _LARGE if len(group.panels) * _LARGE <= _COLUMNS else 1


class _Page:
    """A figure that is filled from above, in inches."""

    def __init__(self, figure: Any, width: float, height: float) -> None:
        self._figure, self._width, self._height = figure, width, height
        self._top = 0.0

    def down(self, inches: float) -> None:
        self._top += inches

    def write(self, text: str, middle: float, **how: Any) -> None:
        """Write a line whose middle lies below the current place."""
        self._figure.text(
            0.25 / self._width,
            1 - (self._top + middle) / self._height,
            plain(text),
            fontsize=how["size"],
            fontweight=how.get("weight", "normal"),
            color=how.get("colour", "black"),
            va="center",
            parse_math=False,
        )

    def picture(
        self,
        column: int,
        span: int,
        face: np.ndarray,
        heat: np.ndarray | None,
        label: str,
        *,
        top: float = 0.0,
        apex: bool = False,
    ) -> None:
        """Show a face, with colours over it, and a label below."""
        side = span * _INCH - 0.08
        axes = self._figure.add_axes(
            (
                (0.25 + column * _INCH) / self._width,
                1 - (self._top + top + side) / self._height,
                side / self._width,
                side / self._height,
            )
        )
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color(_APEX if apex else "#bbbbbb")
            spine.set_linewidth(2.5 if apex else 0.5)
        axes.imshow(face if heat is None else overlaid(face, heat), interpolation="antialiased")
        if label:
            axes.set_xlabel(
                label,
                fontsize=8,
                labelpad=2,
                color=_APEX if apex else "black",
                parse_math=False,
                fontweight="bold" if apex else "normal",
            )

    def row(self, panels: Sequence[Panel], span: int) -> None:
        """Show panels in two rows: what is there, and with colours."""
        for column, panel in enumerate(panels):
            plain = panel.face if panel.seen is None else panel.seen
            place = column * span
            self.picture(place, span, plain, None, "", apex=panel.apex)
            self.picture(place, span, panel.face, panel.heat, panel.label, top=span * _INCH, apex=panel.apex)

    def scale(self, against: str, speaks_for: str) -> None:
        """Show what the colours mean."""
        axes = self._figure.add_axes((0.3, 1 - (self._top + 0.26) / self._height, 0.4, 0.14 / self._height))
        grey = np.full((1, 256, 3), 150, np.uint8)
        axes.imshow(overlaid(grey, np.linspace(-1, 1, 256)[np.newaxis]), aspect="auto")
        axes.set_yticks([])
        axes.set_xticks([0, 127.5, 255], [against, "nothing", speaks_for], fontsize=8.5, parse_math=False)


def overlaid(face: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return a face in grey with colours over it, float (H, W, 3) in 0..1; the more is added, the less shows through.

    Args:
        face: uint8 (H, W, 3).
        heat: (H, W) in -1..1.
    """
    grey = face.astype(np.float64) @ (0.299, 0.587, 0.114) / 255
    share = _STRONGEST * np.abs(heat)[..., np.newaxis]
    colours = np.where(heat[..., np.newaxis] > 0, _FOR, _AGAINST)
    mixed: np.ndarray = (1 - share) * grey[..., np.newaxis] + share * colours
    return mixed

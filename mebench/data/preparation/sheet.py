"""Contact sheets: one crop of each clip with its key, to see at a glance what the detector did.

pages = draw_sheets(prepared, without_face={"casme3/spNO.1/b/166"})      # pictures, 48 clips each
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from mebench.data.clips.table import ClipRow, clip_rows
from mebench.data.pictures import read_square
from mebench.data.reading import ClipData

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_COLUMNS, _ROWS = 8, 6
_THUMB, _GAP, _LINE = 160, 8, 14
_INK, _PAPER, _WARNING, _EMPTY = (30, 30, 30), (255, 255, 255), (190, 20, 20), (225, 225, 225)


def draw_sheets(prepared: ClipData, without_face: Collection[str]) -> list[Image.Image]:
    """Return the pages; a clip without a face is framed and named in red.

    Args:
        prepared: a prepared dataset; of each clip its first readable frame is shown.
        without_face: keys of clips that were not aligned.
    """
    clips = clip_rows(prepared.table)
    pages = []
    while page := list(islice(clips, _COLUMNS * _ROWS)):
        pages.append(_draw_page(prepared, page, without_face))
    return pages


def _draw_page(prepared: ClipData, clips: list[ClipRow], without_face: Collection[str]) -> Image.Image:
    from PIL import Image, ImageDraw

    width, height = _THUMB + _GAP, _THUMB + 2 * _LINE + _GAP
    columns, rows = min(_COLUMNS, len(clips)), -(-len(clips) // _COLUMNS)
    page = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _PAPER)
    draw = ImageDraw.Draw(page)
    for i, clip in enumerate(clips):
        left, top = _GAP + i % _COLUMNS * width, _GAP + i // _COLUMNS * height
        frame = (left - 2, top - 2, left + _THUMB + 1, top + _THUMB + 1)
        draw.rectangle(frame, _WARNING if clip.key in without_face else _PAPER)
        draw.rectangle((left, top, left + _THUMB - 1, top + _THUMB - 1), _EMPTY)
        squares = (read_square(path, _THUMB) for path in prepared.frames[clip.key].paths)
        if (pixels := next((square for square in squares if square is not None), None)) is not None:
            page.paste(Image.fromarray(pixels), (left, top))
        ink = _WARNING if clip.key in without_face else _INK
        # The dataset's name is the same in every key.
        for line, text in enumerate(_two_lines(draw, clip.key.partition("/")[2])):
            draw.text((left, top + _THUMB + 1 + line * _LINE), text, ink)
    return page


def _two_lines(draw: ImageDraw.ImageDraw, text: str) -> list[str]:
    """Break a key into two lines, after a slash or else where it must be."""
    if draw.textlength(text) <= _THUMB:
        return [text]
    fits = max(n for n in range(1, len(text)) if draw.textlength(text[:n]) <= _THUMB)
    cut = text.rfind("/", 0, fits) + 1 or fits
    return [text[:cut], text[cut:]]

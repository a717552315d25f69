"""A folder of pictures as the frames of one clip.

    numbered_pictures(Path("clip"))        # FrameList: numbers and paths

Where the names differ in one number alone (``img_0012.jpg``), that is the frame's number; else frames are counted
from 1 in natural order (``a2.png`` before ``a10.png``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from mebench.data.clips.layout import FrameList
from mebench.data.clutter import is_left_behind
from mebench.data.fetching import list_folder
from mebench.errors import MebenchError, first_few

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")

_DIGITS = re.compile(r"(\d+)")


def numbered_pictures(folder: Path) -> tuple[FrameList, bool]:
    """Return a folder's pictures with their numbers, and whether those are of their names.

    Raises:
        MebenchError: there is no picture, two have one number, or the folder holds several series of pictures.
        UnreachableError: the system cannot list the folder.
    """
    names = [
        name
        for name, is_folder in list_folder(folder).items()
        if not is_folder and not is_left_behind(name) and Path(name).suffix.lower() in SUFFIXES
    ]
    if not names:
        raise MebenchError(
            f"{folder} holds no picture ({', '.join(SUFFIXES)}): name the folder in which the clip's frames lie "
            "themselves"
        )
    names.sort(key=_natural)
    series: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        series[_texts(name)].append(name)
    several = [each for each in series.values() if len(each) > 1]
    if len(several) > 1 or (several and len(series) > 1):
        examples = [each[0] for each in series.values()]
        raise MebenchError(
            f"{folder} holds pictures of {len(series)} series ({first_few(examples, most=3)}): put the frames of the "
            "one clip in a folder of their own"
        )
    numbers = _numbers(names) if len(series) == 1 and len(names) > 1 else None
    if numbers is None:
        return FrameList(tuple(range(1, len(names) + 1)), tuple(folder / name for name in names)), False
    found: dict[int, str] = {}
    for number, name in zip(numbers, names, strict=True):
        if (other := found.setdefault(number, name)) != name:
            raise MebenchError(
                f"{folder} holds {other} and {name}, which are both frame {number}: take one of them away"
            )
    order = sorted(found)
    return FrameList(tuple(order), tuple(folder / found[number] for number in order)), True


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts], name


def _texts(name: str) -> tuple[str, ...]:
    return tuple(_DIGITS.split(Path(name).stem.casefold())[::2])


def _numbers(names: list[str]) -> list[int] | None:
    """Return the one number in which the names differ; None where they differ in several."""
    columns = list(zip(*(map(int, _DIGITS.findall(Path(name).stem)) for name in names), strict=True))
    varying = [column for column in columns if len(set(column)) > 1]
    if len(varying) > 1 or not columns:
        return None
    # Where nothing varies, the same number stands in different endings or paddings: the caller names them.
    return list(varying[0] if varying else columns[-1])

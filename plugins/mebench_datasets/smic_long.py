"""SMIC-E, the long version of SMIC: whole recordings, and a workbook that says where expressions are in them.

    raw = read_expressions(Path("SMIC-HS-E_annotation.xlsx"), "HS")     # one row an expression

``SMIC-HS-E_annotation.xlsx`` has the sheets ``HS`` and ``VIS``; the columns of ``SMIC-NIR-E_annotation.xlsx`` say
``NIR`` after their names. A row is a recording with one to three expressions (``OnsetF``, ``Onset2F``,
``Onset3F``), each a clip of its own. Rows that hold neither a clip's name nor a frame number are remarks below the
table and no data. No apex is annotated: a column ``ApexF`` in a copy is its user's work and is not read.
``FirstF`` and ``LastF`` bound what is possible: in the original edition of the workbook (``_orig``) five cells of
``Offset3F`` repeat ``FirstF`` and one repeats ``Onset2F``, "expressions" of 366 to 1428 seconds, which the checks
of the table drop by name.
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import FrameLayout, MebenchError, read_sheet
from mebench.data.clips.sheet import UnclearColumnError, sheet_names
from mebench.data.clips.table import cell_text, frame_number

if TYPE_CHECKING:
    import pandas as pd

_CAMERAS = ("HS", "VIS", "NIR")
_CLIP = re.compile(r"s?\d+_[a-z]+_\d+", re.IGNORECASE)


def annotation_patterns(camera: str) -> tuple[str, ...]:
    """Return what a camera's workbook is called; a camera's own comes first, then the owner's before others."""
    named = ("VIS", "HS") if camera == "VIS" else (camera,)
    return tuple(f"SMIC-{name}-E_annotation{more}" for name in named for more in ("", "*"))


def annotation_places(camera: str) -> tuple[str, ...]:
    """Return the folders below the root in which a workbook may lie."""
    named = ("VIS", "HS") if camera == "VIS" else (camera,)
    inner = [f"{name}_long{below}" for name in named for below in ("", f"/SMIC-{name}-E", f"/SMIC_{name}_E")]
    return (".", "annotation", "annotations", *inner, *(f"SMIC-E_raw image/{place}" for place in inner))


def long_layouts(camera: str, digits: int) -> tuple[FrameLayout, ...]:
    """Return where the frames of whole recordings lie."""
    inner = [f"SMIC_{camera}_E/", f"SMIC-{camera}-E/", f"SMIC-{camera}-E/{camera}/"]
    places = [f"{camera}_long/{place}" for place in inner]
    return tuple(
        FrameLayout(f"{place}{{subject}}/{{clip}}/image{{frame:0{digits}d}}.jpg", numbers_by_value=True)
        for place in (*places, *(f"SMIC-E_raw image/{place}" for place in places), *inner, "")
    )


def read_expressions(path: Path, camera: str) -> pd.DataFrame:
    """Read one camera's sheet, one row an expression, cells untouched.

    Returns:
        Columns ``row, subject, clip, onset, apex, offset, emotion``, and ``first`` and ``last`` where the sheet
        has them; ``apex`` is empty.

    Raises:
        MebenchError: not a readable workbook, no sheet of this camera, or a column is missing.
    """
    import pandas as pd

    sheet = _sheet_of(path, camera)
    # A sheet with both columns has those of the visible light beside its own.
    both = _has(path, sheet, ("OnsetF",), (f"OnsetF {camera}",))

    def spellings(name: str) -> tuple[str, ...]:
        return (f"{name} {camera}",) if both else (name, f"{name} {camera}")

    columns: dict[str, tuple[str, ...]] = {
        "subject": ("Subject",),
        "clip": ("Filename",),
        "emotion": ("Emotion",),
    }
    windows: list[tuple[str, str]] = []
    for number in count(1):
        onset, offset = (f"{edge}{number if number > 1 else ''}F" for edge in ("Onset", "Offset"))
        if number > 1 and not _has(path, sheet, spellings(onset)):
            break
        columns |= {onset: spellings(onset), offset: spellings(offset)}
        windows.append((onset, offset))
    bounds = {
        name: spellings(header)
        for name, header in (("first", "FirstF"), ("last", "LastF"))
        if _has(path, sheet, spellings(header))
    }
    raw = read_sheet(path, columns | bounds, sheet=sheet)
    edges = [edge for window in windows for edge in window]
    found = [
        {
            "row": row["row"],
            "subject": row["subject"],
            "clip": row["clip"],
            "onset": row[onset],
            "apex": None,
            "offset": row[offset],
            "emotion": row["emotion"],
            **{name: row[name] for name in bounds},
        }
        for row in raw.to_dict("records")
        if _CLIP.fullmatch(cell_text(row["clip"])) or any(frame_number(row[e]) is not None for e in edges)
        for place, (onset, offset) in enumerate(windows)
        if place == 0 or cell_text(row[onset]) or cell_text(row[offset])
    ]
    names = ["row", "subject", "clip", "onset", "apex", "offset", "emotion", *bounds]
    return pd.DataFrame(found, columns=names, dtype=object)


def _sheet_of(path: Path, camera: str) -> str:
    """Return the camera's sheet, or else the first of no camera's name in a file named after this one."""
    names = sheet_names(path)
    own = [name for name in names if name.strip().upper() == camera]
    if f"SMIC-{camera}-E".casefold() in path.name.casefold():
        own += [name for name in names if name.strip().upper() not in _CAMERAS]
    return own[0] if own else camera


def _has(path: Path, sheet: str, *columns: tuple[str, ...]) -> bool:
    """Tell whether a sheet's header has all the columns, each in any of its spellings."""
    try:
        read_sheet(path, {spellings[0]: spellings for spellings in columns}, sheet=sheet)
    except UnclearColumnError:
        raise
    except MebenchError:
        return False
    return True

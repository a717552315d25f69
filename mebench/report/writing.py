"""A report's files: the page, and beside it each figure as SVG and PNG.

write_report(Path("reports/run"), page, figures)        # report.html, figures/confusion.svg, ...
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path

from mebench.errors import MebenchError, MebenchWarning
from mebench.files import disk_errors, write_atomically
from mebench.pages.svg import png
from mebench.report.figures import Figure
from mebench.report.marks import Mark

PAGE = "report.html"
_FIGURES = "figures"
# What a report calls its figures; anything else in their folder is somebody's own.
_OURS = re.compile(
    r"(scores|subjects|calibration|action-units|units-(coded|detected)|differences|"
    r"confusion(-[a-z0-9-]+)?|curve-\d+-[a-z0-9-]+)\.(svg|png)"
)


def write_report(
    folder: Path, page: str, figures: Iterable[Figure], *, of: str, marks: Iterable[Mark] = ()
) -> Path:
    """Write a report into a folder, over one that lies there, and return its page's path.

    ``of`` and the words of ``marks`` stand in each figure's file, which goes its own way.

    Without resvg, a warning says what PNG needs, and the rest is written.

    Raises:
        MebenchError: the disk refuses.
    """
    place = folder / _FIGURES
    alarms = [mark.word for mark in marks]
    drawn = {figure.name: figure.drawing.signed([of], alarms) for figure in figures}
    without = ""
    for name, drawing in drawn.items():
        write_atomically(place / f"{name}.svg", drawing.file())
        if not without:
            try:
                write_atomically(place / f"{name}.png", png(drawing))
            except ImportError as error:
                without = str(error)
    if without:
        warnings.warn(
            f"the figures are written as SVG, and PNG needs resvg and a font ({without}): pip install 'mebench[plots]'",
            MebenchWarning,
            stacklevel=2,
        )
    write_atomically(folder / PAGE, page)
    _forget_others(place, {*drawn}, png_made=not without)
    return folder / PAGE


def _forget_others(place: Path, names: set[str], *, png_made: bool) -> None:
    """Remove figures of a former report that this one lacks: they would not fit its page."""
    if not place.is_dir():
        return
    for file in place.iterdir():
        fits = file.stem in names and (png_made or file.suffix != ".png")
        if _OURS.fullmatch(file.name) and not fits:
            with disk_errors(file, "choose another --out folder"):
                file.unlink(missing_ok=True)


def refuse_file(folder: Path) -> None:
    """Raise where a file stands in the place of a report's folder.

    Raises:
        MebenchError: it does.
    """
    if folder.exists() and not folder.is_dir():
        raise MebenchError(f"{folder} is a file, and a report is a folder: choose another --out")

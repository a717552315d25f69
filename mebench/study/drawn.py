"""A figure as SVG and PNG, the same bytes from the same figures.

write_figure(folder, "differences", draw)      # draw(figure) fills a figure of matplotlib; None: nothing to draw
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mebench.errors import MebenchWarning
from mebench.files import disk_errors, write_atomically

_KINDS: dict[str, dict[str, Any]] = {"svg": {"metadata": {"Date": None}}, "png": {"dpi": 200}}
# Text is drawn as shapes, so that it looks alike everywhere.
_STYLE: Any = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "svg.hashsalt": "mebench",
    "text.parse_math": False,  # a setting may hold dollars
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def write_figure(folder: Path, stem: str, draw: Callable[[Any], None] | None) -> list[Path]:
    """Write ``stem.svg`` and ``stem.png`` and return them.

    Without matplotlib, a warning says what to install. A figure of before is removed: it would not fit the tables.

    Raises:
        MebenchError: the disk refuses.
    """
    files = {kind: folder / f"{stem}.{kind}" for kind in _KINDS}
    for file in files.values():
        with disk_errors(file, "choose another --out folder"):
            file.unlink(missing_ok=True)
    if draw is None:
        return []
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        warnings.warn(
            f"the tables are written, and the plot needs matplotlib ({error}): pip install 'mebench[plots]'",
            MebenchWarning,
            stacklevel=2,
        )
        return []
    with mpl.rc_context(_STYLE):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        for kind, file in files.items():
            stream = io.BytesIO()
            figure.savefig(stream, format=kind, facecolor="white", **_KINDS[kind])
            write_atomically(file, stream.getvalue())
    return list(files.values())

"""Figures as SVG: elements with their text escaped, and a drawing that stands in a page or as a file of its own.

    drawing = Drawing(340, 80, "UF1 of three runs", [rect(0, 0, 40, 12, "bar"), text(4, 10, "majority")])
    drawing.inline()        # Markup for a page, whose colours it takes
    drawing.file()          # a whole file, in light colours
    png(drawing)            # the same as PNG, where resvg is installed

Coordinates are in CSS pixels. A drawing is no wider than 340: it is read on a phone without being made smaller, and
two stand beside each other elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from markupsafe import Markup

from mebench.pages.colours import in_light
from mebench.plain_text import html

WIDTH = 340

# What the classes of shapes look like, in pages and in files.
STYLE = """\
.d-text{fill:var(--ink);font:12px system-ui,"DejaVu Sans",sans-serif}
.d-note{fill:var(--quiet);font:11px system-ui,"DejaVu Sans",sans-serif}
.d-strong{fill:var(--ink);font:600 12px system-ui,"DejaVu Sans",sans-serif}
.d-low{fill:var(--heat-ink-low)}.d-high{fill:var(--heat-ink-high)}
.d-over{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.d-end{text-anchor:end}.d-middle{text-anchor:middle}
.d-axis{stroke:var(--quiet);stroke-width:1;fill:none}
.d-grid{stroke:var(--line);stroke-width:1;fill:none}
.d-chance{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:2 3;fill:none}
.d-line{stroke:var(--accent);stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}
.d-other-line{stroke:var(--other);stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}
.d-band{fill:var(--accent);fill-opacity:.18}
.d-dot{fill:var(--accent);stroke:var(--paper);stroke-width:1}
.d-other{fill:var(--other);stroke:var(--paper);stroke-width:1}
.d-hollow{fill:var(--paper);stroke:var(--accent);stroke-width:2}
.d-bar{fill:var(--accent)}.d-other-bar{fill:var(--other)}.d-rest{fill:var(--line)}
.d-alarm{fill:var(--alarm);font:600 11px system-ui,"DejaVu Sans",sans-serif}
.d-frame{fill:none;stroke:var(--line);stroke-width:1}
"""
_HEATS = "".join(f".d-heat-{step}{{fill:var(--heat-{step})}}" for step in range(7)) + "\n"
CSS = STYLE + _HEATS


def number(value: float) -> str:
    """Return a coordinate: two digits at most, always written alike."""
    if not math.isfinite(value):
        raise ValueError(f"a figure has no place for {value}")
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def element(name: str, content: str = "", /, **attributes: object) -> Markup:
    """Return an element; numbers are written as coordinates, texts escaped, ``_`` in a name is ``-``.

    ``content`` is text, which is escaped, or Markup.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = content if isinstance(content, Markup) else html(content)
    return Markup(f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>")


def _attribute(value: object) -> str:
    return number(value) if isinstance(value, (int, float)) else html(str(value))


def told(shape: Markup, title: str) -> Markup:
    """Return a shape that says what it is when it is pointed at."""
    return element("g", element("title", title) + shape)


def text(x: float, y: float, content: str, kind: str = "d-text", *, turned: float = 0) -> Markup:
    """Return a text whose base line begins (or ends, by its class) at a place, ``turned`` by degrees around it."""
    turn = f"rotate({number(turned)} {number(x)} {number(y)})" if turned else None
    return element("text", content, x=x, y=y, class_=kind, transform=turn)


def rect(x: float, y: float, width: float, height: float, kind: str, *, round_: float = 0) -> Markup:
    """Return a rectangle."""
    return element(
        "rect", x=x, y=y, width=max(width, 0), height=height, rx=round_ if round_ else None, class_=kind
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a straight line."""
    return element("path", d=f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}", class_=kind)


def dot(x: float, y: float, radius: float, kind: str = "d-dot") -> Markup:
    """Return a dot."""
    return element("circle", cx=x, cy=y, r=radius, class_=kind)


def path(points: Sequence[tuple[float, float] | None], kind: str, *, closed: bool = False) -> Markup:
    """Return a line through points, with a gap where there is none; ``closed`` makes an area of it."""
    told_, open_ = "", False
    for point in points:
        if point is None:
            open_ = False
            continue
        told_ += f"{'L' if open_ else 'M'}{number(point[0])} {number(point[1])}"
        open_ = True
    return element("path", d=told_ + ("Z" if closed and told_ else ""), class_=kind) if told_ else Markup()


@dataclass(frozen=True)
class Drawing:
    """A figure of ``width`` by ``height``; ``title`` says in words what it shows, for who cannot see it.

    One whose shapes are links, which a reader must reach, is ``linked``.
    """

    width: float
    height: float
    title: str
    shapes: Sequence[Markup]
    linked: bool = False

    def inline(self) -> Markup:
        """Return the figure for a page that has :data:`CSS`."""
        return element(
            "svg",
            Markup().join(self.shapes),
            class_="drawing",
            viewBox=self._box,
            width=self.width,
            height=self.height,
            role="group" if self.linked else "img",
            aria_label=self.title,
        )

    def file(self) -> str:
        """Return a file of its own: SVG with its style, in light colours on white."""
        body = (
            element("title", self.title)
            + element("style", Markup(in_light(CSS)))
            + Markup(f'<rect width="{number(self.width)}" height="{number(self.height)}" fill="#ffffff"/>')
            + Markup().join(self.shapes)
        )
        return str(
            element(
                "svg",
                body,
                xmlns="http://www.w3.org/2000/svg",
                viewBox=self._box,
                width=self.width,
                height=self.height,
            )
            + Markup("\n")
        )

    def signed(self, lines: Sequence[str], alarms: Sequence[str] = ()) -> Drawing:
        """Return the figure with lines below it, for a file that goes its own way: of what it is, and its marks."""
        written = [*((each, "d-note") for each in lines), *((each, "d-alarm") for each in alarms)]
        shapes = [
            text(2, self.height + 16 + 15 * place, each, kind) for place, (each, kind) in enumerate(written)
        ]
        width = max(self.width, *(2 + 7.2 * len(each) for each, _ in written)) if written else self.width
        height = self.height + 15 * len(written) + (8 if written else 0)
        return replace(self, width=width, height=height, shapes=[*self.shapes, *shapes])

    @property
    def _box(self) -> str:
        return f"0 0 {number(self.width)} {number(self.height)}"


def png(drawing: Drawing, *, scale: int = 3) -> bytes:
    """Return a figure as PNG, its text in DejaVu Sans wherever it is made.

    Raises:
        ImportError: resvg or matplotlib, which brings the font, is not installed.
    """
    import resvg_py

    content = resvg_py.svg_to_bytes(
        svg_string=drawing.file().replace("system-ui,", ""),
        zoom=scale,
        skip_system_fonts=True,
        font_files=_fonts(),
    )
    return bytes(content)


@cache
def _fonts() -> list[str]:
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [str(folder / "DejaVuSans.ttf"), str(folder / "DejaVuSans-Bold.ttf")]

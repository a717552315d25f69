"""Draw docs/run.svg, the README's picture of a run: its live view while folds run, and what it ends in.

python docs/picture.py run ststnet casme3 --synthetic --seeds 0,1 --runs /tmp/runs
"""

from __future__ import annotations

import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 96
# What rich writes before it draws its bars anew: back to the first of their lines, each made empty.
_REDRAWN = re.compile(r"\r(?:\x1b\[2K|\x1b\[1A)+")
_CURSOR = re.compile(r"\x1b\[\?25[lh]")
# So much of the run is done in the view that is shown.
_SHARE = 0.6


def output_of(arguments: list[str]) -> str:
    """Return what mebench writes to a terminal of :data:`COLUMNS` columns, colours included."""
    os.environ |= {"COLUMNS": str(COLUMNS), "LINES": "40", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    pieces: list[bytes] = []

    def read(descriptor: int) -> bytes:
        pieces.append(os.read(descriptor, 65536))
        return pieces[-1]

    pty.spawn([sys.executable, "-m", "mebench", *arguments], read)
    return _CURSOR.sub("", b"".join(pieces).decode()).replace("\r\n", "\n")


def views_of(output: str) -> list[str]:
    """Return what stood on the terminal below its first lines, each time that it was drawn anew."""
    return [view.strip("\n") for view in _REDRAWN.split(output)]


def main() -> None:
    """Record the command's output and save it as a picture."""
    arguments = sys.argv[1:]
    *views, last = views_of(output_of(arguments))
    plain = [Text.from_ansi(view).plain for view in views]
    head = next(Text.from_ansi(view) for view, text in zip(views, plain, strict=True) if " under " in text)
    shown = [
        place
        for place, text in enumerate(plain)
        if " seed " in text and "folds" in text and " under " not in text
    ]
    if not shown:
        sys.exit(
            "no view with folds in flight was seen: runs that are done already show none, so give new --runs"
        )
    asked = arguments[: arguments.index("--runs")] if "--runs" in arguments else arguments
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        console.print(Text.assemble(("$ ", "bold green"), ("mebench " + " ".join(asked), "bold")))
        console.print(Text("\n").join(line for line in head.split("\n") if " under " in line.plain))
        console.print(Text.from_ansi(views[shown[int(_SHARE * len(shown))]]), "\n")
        console.print(_pooled(Text.from_ansi(last)))
    console.save_svg(str(Path(__file__).with_name("run.svg")), title="mebench")


def _pooled(output: Text) -> Text:
    """Return the first table of what the run ends in: the pooled scores."""
    lines = output.split("\n")
    first = next(place for place, line in enumerate(lines) if " under " in line.plain)
    end = next(place for place, line in enumerate(lines) if line.plain.startswith("Classes"))
    return Text("\n").join(lines[first : end - 1])


if __name__ == "__main__":
    main()

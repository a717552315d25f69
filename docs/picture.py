"""Draw docs/run.svg, the README's picture, from the real output of a command.

python docs/picture.py show majority-1a2b3c4d --runs runs
"""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 96


def output_of(arguments: list[str]) -> str:
    """Return what mebench prints to a terminal of :data:`COLUMNS` columns, colours included."""
    os.environ |= {"COLUMNS": str(COLUMNS), "LINES": "60", "TERM": "xterm-256color"}
    pieces: list[bytes] = []

    def read(descriptor: int) -> bytes:
        pieces.append(os.read(descriptor, 65536))
        return pieces[-1]

    pty.spawn([sys.executable, "-m", "mebench", *arguments], read)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def main() -> None:
    """Record the command's output and save it as a picture."""
    arguments = sys.argv[1:]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        console.print(Text.assemble(("$ ", "bold green"), "mebench run famnet casme3 --synthetic\n"))
        console.print(Text.from_ansi(output_of(arguments)))
    console.save_svg(str(Path(__file__).with_name("run.svg")), title="mebench")


if __name__ == "__main__":
    main()

"""The ends of all cheats as the table of docs/audit.md.

python ends.py ends.json        # after keeper.py; writes the table between the marks in docs/audit.md
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from catalogue import ANIMALS, HONEST, MARKED

BEGIN, END = "<!-- zoo: made by tests/zoo/ends.py -->", "<!-- zoo: end -->"
_LONGEST = 150


def told(ends: Mapping[str, Mapping[str, str]]) -> str:
    """Return the table: a cheat, what stops it, and how it ended in the test."""
    lines = ["| cheat | what stops it | evidence |", "|---|---|---|"]
    lines += [
        f"| {animal.tries} | {animal.stopped_by} | {_evidence(ends[animal.name])} |" for animal in ANIMALS
    ]
    return "\n".join(lines)


def _evidence(end: Mapping[str, str]) -> str:
    if end["end"] == HONEST:
        return "honest: " + end["evidence"]
    text = _plain(end["evidence"])
    return f"{'marked' if end['end'] == MARKED else 'refused'}: “{text}”"


def _plain(text: str) -> str:
    """Return a sentence without what differs from run to run and machine to machine, cut to a cell's length."""
    text = re.sub(r"(?<![\w/])/[\w./+-]*/(?=[\w.+-])", ".../", text)
    text = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b", "...", text)
    text = re.sub(r"\bcasme3/[\w./]+", "casme3/...", text)
    text = re.sub(r"landlock-\d+(, \w+)*", "landlock, ...", text)
    text = re.sub(r"\d\.\d{2,}|\d+e-\d+", "0.x", text)
    text = " ".join(text.replace("|", "/").split())
    return text if len(text) <= _LONGEST else text[: text.rfind(" ", 0, _LONGEST)] + " ..."


def main() -> None:
    """Write the table into the docs."""
    ends = json.loads(Path(sys.argv[1]).read_text())
    file = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
    before, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    file.write_text(f"{before}{BEGIN}\n\n{told(ends)}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

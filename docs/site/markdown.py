"""Plain words and tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_URL = re.compile(r"(https?://[^\s,;)]+|arXiv[: ]\d{4}\.\d{4,5}|10\.\d{4,}/[^\s,;)]+)")
_SIGNS = re.compile(r"([\\`*_{}\[\]<>|#~$])")
_HOMES = {
    "arXiv:": "https://arxiv.org/abs/",
    "arXiv ": "https://arxiv.org/abs/",
    "10.": "https://doi.org/10.",
}


def escaped(text: object) -> str:
    """Return plain words as Markdown that shows just them, web addresses and papers as links."""
    return "".join(
        _address(part) if number % 2 else _escape(part)
        for number, part in enumerate(_URL.split("" if text is None else str(text)))
    )


def _address(text: str) -> str:
    for start, home in _HOMES.items():
        if text.startswith(start):
            return f"[{_escape(text)}]({home}{text.removeprefix(start)})"
    return f"<{text}>"


def _escape(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


def code(text: object) -> str:
    """Return a name as code."""
    return f"`{text}`"


def link(text: str, to: str) -> str:
    """Return a link whose words are Markdown already."""
    return f"[{text}]({to})"


def bullets(lines: Iterable[str]) -> str:
    """Return lines of Markdown as a list."""
    return "\n".join(f"- {line}" for line in lines)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """Return a table of cells that are Markdown already."""
    rule = ["--:" if column in right else "---" for column in columns]
    return "\n".join(f"| {' | '.join(row)} |" for row in [[*columns], rule, *map(list, rows)])


def paragraphs(docstring: str) -> str:
    """Return a docstring's prose as Markdown: what stands in double backticks there is code here."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", docstring.replace("``", "`")).strip()
    lines, after = [], False
    for line in text.splitlines():
        # An indented block is code in both; a Markdown paragraph has to end before it.
        if line.startswith("    ") and not after and lines and lines[-1].strip():
            lines.append("")
        after = line.startswith("    ")
        lines.append(line if after else re.sub(r"([<>\[\]*])", r"\\\1", line))
    return "\n".join(lines)

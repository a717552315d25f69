r"""Text from anywhere, made harmless for where it is shown or written: the one place that knows what is harmful.

    plain(text)            # a line for a terminal, a log, a message: control characters as "\x1b"
    plain_lines(text)      # the same, line breaks kept
    cells(rows)            # for CSV: no cell is a formula
    markdown(text)         # a cell of a Markdown table
    html(text)             # HTML and SVG
    json_text(content)     # JSON whose text no terminal obeys

Names come from annotations, folders, records and plugins. On a terminal an escape sequence can rewrite what stands
above it, and a character that turns the direction of writing shows one name as another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, TypeVar

# Control characters (Unicode's Cc, tabs and line breaks among them), line and paragraph separators, what turns the
# direction of writing, what is not seen at all, and halves of surrogate pairs, which no file can hold. The joiners
# that scripts and emoji need (U+200C, U+200D) stay.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HARMFUL_WITHIN_LINES = re.compile(_HARMFUL.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Whatever a spreadsheet program takes for a formula; a number is none, whatever its sign.
_FORMULA = re.compile("\\s*[=+\\-@|%\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
# A bracket is text unless what follows makes it a link or where one leads.
_MARKDOWN = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[|<`]|\](?=[(\[:])")
_IN_MARKDOWN = {"\\": r"\\", "|": r"\|", "<": "&lt;", "]": r"\]", "`": r"\`"}

Cell = TypeVar("Cell")


def plain(text: str) -> str:
    r"""Return a text on one line, with what a terminal obeys, or nobody sees, as an escape sequence of Python.

    >>> plain("sub\x1b[2J01\nfake")
    'sub\\x1b[2J01\\nfake'
    """
    return text if text.isascii() and text.isprintable() else _HARMFUL.sub(_escaped, text)


def plain_lines(text: str) -> str:
    """Return the same of a text of several lines, whose ends stay."""
    return _HARMFUL_WITHIN_LINES.sub(_escaped, text)


def is_plain(text: str) -> bool:
    """Tell whether a text needs no escape."""
    return _HARMFUL.search(text) is None


def cell(value: Cell) -> Cell | str:
    """Return a cell for CSV: a text that a spreadsheet program would take for a formula opens with an apostrophe.

    >>> cell("=1+1"), cell("-0.25"), cell(-0.25)
    ("'=1+1", '-0.25', -0.25)
    """
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def cells(rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    """Yield rows for CSV, each cell as :func:`cell` has it."""
    return ([cell(value) for value in row] for row in rows)


def named_cells(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row for CSV by column, each cell as :func:`cell` has it."""
    return {name: cell(value) for name, value in row.items()}


def without_formula_mark(text: str) -> str:
    """Return a cell as it was before :func:`cell`, for who reads such a file again."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def markdown(text: str) -> str:
    r"""Return a text for a cell of a Markdown table or a line of it: no column, tag, link or code of its own.

    >>> markdown("a|b <img src=x> [l](u)")
    'a\\|b &lt;img src=x> [l\\](u)'
    """
    return _MARKDOWN.sub(lambda found: _IN_MARKDOWN[found[0]], plain(" ".join(text.split())))


def html(text: str) -> str:
    """Return a text for HTML or SVG, in an attribute too."""
    return escape(plain(text))


def json_text(content: Any, *, indent: int | None = 2) -> str:
    """Return JSON for whoever reads or shows it; what is harmful is written as JSON's own escape."""
    text = json.dumps(content, indent=indent, ensure_ascii=False, default=str)
    return _HARMFUL_WITHIN_LINES.sub(_escaped_for_json, text)  # they stand within strings alone


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )


def _escaped_for_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

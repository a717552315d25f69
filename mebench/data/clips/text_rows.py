"""Text that somebody else wrote: its encoding, the cells of its lines, or its words.

    text = text_of(path, content)       # UTF-8, UTF-16, UTF-32 or GB18030 (GBK), with or without a byte order mark
    for cells in text_cells(path, text): ...    # commas, semicolons or tabs

UTF-8 is tried first and strictly. GB18030 accepts almost any bytes, so it counts only where what comes out is
plain Chinese; text in another encoding is refused rather than read wrongly.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from mebench.data.clips.fields import known_headers
from mebench.errors import MebenchError

Rows = list[tuple[int, list[str]]]

_HEADER_LINES = 50
_DELIMITERS = ",;\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(path: Path, content: bytes) -> str:
    """Return the text of a file's bytes.

    Raises:
        MebenchError: it holds nothing, or is not text in an encoding that is known here.
    """
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        raise MebenchError(
            f"{path} is not text in UTF-8, UTF-16 or GB18030 (byte {error.start + 1} does not fit): save it as UTF-8"
        ) from error
    if not text.strip():
        raise MebenchError(f"{path} is empty: give a CSV or text file")
    return text


def text_cells(path: Path, text: str) -> Iterator[list[str]]:
    """Yield the cells of each row as they stand, blank rows included, so that a row's place is its number.

    A quoted cell may hold delimiters and line breaks. The first line ``sep=;`` of some programs is a blank row.

    Raises:
        MebenchError: a quote is never closed, or a cell goes on behind its closing quote.
    """
    said = re.match(r"sep=(.)[ \t]*(?=\r|\n)", text, re.IGNORECASE)
    delimiter = said[1] if said else _delimiter(text)
    body = io.StringIO(text[said.end() :] if said else text, newline="")
    reader = csv.reader(body, delimiter=delimiter, strict=True)
    done = 0
    try:
        for cells in reader:
            yield cells
            done += 1
    except csv.Error as error:
        raise MebenchError(
            f"{path}, row {done + 1}: {error}; see that every quote there is closed, or save the table again as CSV"
        ) from error


def word_rows(text: str) -> Rows:
    """Return line number and words, which spaces, tabs or commas divide, of each line that is not blank."""
    rows = ((number, line.replace(",", " ").split()) for number, line in enumerate(lines_of(text), start=1))
    return [(number, words) for number, words in rows if words]


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whichever system ended them."""
    return re.split(r"\r\n|\r|\n", text)


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding)
    if b"\0" in content:
        return content.decode(_without_mark(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        text = content.decode("gb18030")
        beyond = [c for c in text if c > "\x7f"]
        if sum(_is_plain_chinese(c) for c in beyond) * 2 < len(beyond):
            raise error
        return text


def _without_mark(content: bytes) -> str:
    """Return which UTF-16 leaves zeros where these bytes have them; text in another encoding has none."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    if len(content) % 2 == 0 and min(even, odd) * 10 <= max(even, odd) and max(even, odd) * 5 >= len(content):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise UnicodeDecodeError("utf-8", content, content.index(0), content.index(0) + 1, "a zero byte")


def _is_plain_chinese(character: str) -> bool:
    # Words of a European language come out of GB18030 as rare characters, which GB 2312 lacks.
    return bool(character.encode("gb2312", errors="ignore"))


def _delimiter(text: str) -> str:
    """Return what divides the header's cells: with it, a line holds most names of fields; else most cells."""
    lines = [line for line in lines_of(text) if line.strip()][:_HEADER_LINES]

    def cells(line: str, delimiter: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return []

    return max(
        _DELIMITERS,
        key=lambda each: (
            max(known_headers(cells(line, each)) for line in lines),
            len(cells(lines[0], each)),
        ),
    )

"""Files changed at random, and what a reader may do with them: read them, or say in one sentence why not.

The number of examples is small in an ordinary run; ``MEBENCH_FUZZ=2000 pytest tests/fuzz`` tries so many of each.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mebench.errors import MebenchError
from mebench.plain_text import is_plain

ASKED = int(os.environ.get("MEBENCH_FUZZ", "0"))
# What one file may take, however it was changed: seconds of computing, and of waiting on a machine with other work.
_SECONDS, _WAITED = 20, 300
_BYTES = 1 << 30

# Texts that readers, terminals, paths and programs stumble over.
ODD = (
    "",
    " ",
    "../../../escaped",
    "/etc/passwd",
    "..",
    ".",
    "a/b",
    "a\\b",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe",
    "a\nb",
    "a\r\nb",
    "\0",
    "\ufeff",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "[bold]x[/]",
    "[/]",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "9" * 400,
    "0" * 5000,
    "x" * 300,
    "x" * 40_000,
    "1.5",
    "01",
    "\uff11\uff12",
    "\ud7ff\ue000",
    "😀" * 50,
    "None",
    "True",
    "#REF!",
    "{0}",
    "%s%n",
    "$a_b^c$",
    "'",
    '"',
    '"""',
    ",;\t",
    "<v>1</v>",
    "<!DOCTYPE x>",
    "&lol;",
    "]]>",
    "1;2;3",
    "12+R4+L5",
    "12++",
    "A" * 10 + "1",
)

_ODD_BYTES = (
    b'<row r="999999999">',
    b'<c r="XFD1">',
    b"</row>",
    b"<v>",
    b"99999999999",
    b"\xff\xff\xff\xff",
    b"\0" * 8,
)


def examples(ordinary: int) -> Callable[[Any], Any]:
    """Return the settings of a suite: so many examples, or as many as were asked for; always the same ones."""
    return settings(
        max_examples=ASKED or ordinary,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def changed_bytes(content: bytes) -> st.SearchStrategy[bytes]:
    """Yield a file's content with a few bytes changed, cut out, doubled or put in."""
    return st.lists(_edits(), min_size=1, max_size=6).map(lambda edits: _edited(content, edits))


def changed_parts(content: bytes) -> st.SearchStrategy[bytes]:
    """Yield a ZIP file of which one part is changed, so that the change is met behind the packing."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    def packed(name: str, edits: list[tuple[str, float, bytes, int]]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, part in parts.items():
                archive.writestr(each, _edited(part, edits) if each == name else part)
        return stream.getvalue()

    return st.builds(packed, st.sampled_from(sorted(parts)), st.lists(_edits(), min_size=1, max_size=4))


def changed_cells(rows: list[list[object]]) -> st.SearchStrategy[list[list[object]]]:
    """Yield a table of which a few cells hold something else, or rows are gone, doubled or of another length."""
    cell = st.one_of(
        st.sampled_from(ODD), st.text(max_size=12), st.integers(), st.floats(), st.none(), st.booleans()
    )
    change = st.tuples(
        st.sampled_from(("cell", "cell", "cell", "drop", "double", "cut", "long")),
        st.floats(0, 1),
        st.floats(0, 1),
        cell,
    )

    def made(changes: list[tuple[str, float, float, object]]) -> list[list[object]]:
        table = [list(row) for row in rows]
        for kind, across, along, value in changes:
            if not table:
                break
            place = min(int(across * len(table)), len(table) - 1)
            row = table[place]
            if kind == "cell" and row:
                row[min(int(along * len(row)), len(row) - 1)] = value
            elif kind == "drop":
                del table[place]
            elif kind == "double":
                table.insert(place, list(row))
            elif kind == "cut":
                del row[int(along * len(row)) :]
            else:
                row.extend([value] * 3)
        return table

    return st.lists(change, min_size=1, max_size=5).map(made)


def said(action: Callable[[], object]) -> str | None:
    """Do something with a changed file; return the sentence that refuses it, or None where it was taken.

    Anything else than a sentence is let through to pytest: an error of another type, more time than a reader needs,
    more memory than a machine spares.
    """
    with _in_time():
        try:
            action()
        except MebenchError as error:
            message = str(error)
            assert is_plain(message)
            assert len(message) < 4100
            return message
    return None


@contextmanager
def little_memory() -> Iterator[None]:
    """Allow no more than a gigabyte beyond what the process holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:  # another system than Linux
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (held + _BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _in_time() -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it computed for more than {_SECONDS} s, or waited for {_WAITED} s")

    before = {kind: signal.signal(kind, late) for kind in (signal.SIGALRM, signal.SIGPROF)}
    signal.alarm(_WAITED)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _edits() -> st.SearchStrategy[tuple[str, float, bytes, int]]:
    text = st.one_of(
        st.sampled_from(ODD).map(lambda odd: odd.encode("utf-8", "surrogatepass")),
        st.binary(min_size=1, max_size=8),
        st.sampled_from(
            [
                b'<row r="999999999">',
                b'<c r="XFD1">',
                b"</row>",
                b"<v>",
                b"99999999999",
                b"\xff\xff\xff\xff",
                b"\0" * 8,
            ]
        ),
    )
    kinds = st.sampled_from(("put", "over", "cut", "end", "double", "flip"))
    return st.tuples(kinds, st.floats(0, 1), text, st.integers(1, 4000))


def _edited(content: bytes, edits: list[tuple[str, float, bytes, int]]) -> bytes:
    for kind, where, text, length in edits:
        place = int(where * len(content))
        if kind == "put":
            content = content[:place] + text + content[place:]
        elif kind == "over":
            content = content[:place] + text + content[place + len(text) :]
        elif kind == "cut":
            content = content[:place] + content[place + length :]
        elif kind == "end":
            content = content[:place]
        elif kind == "double":
            content = content[:place] + content[place : place + length] * 2 + content[place + length :]
        elif place < len(content):
            content = content[:place] + bytes([content[place] ^ (1 << length % 8)]) + content[place + 1 :]
    return content

"""Text from anywhere is harmless wherever it is shown or written."""

from __future__ import annotations

import ast
import csv
import io
import json
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.progress import Progress
from rich.table import Table as RichTable
from rich.text import Text

import mebench
from mebench.display.consoles import PlainConsole, say
from mebench.display.progress import bars
from mebench.display.tables import Shown, rich_tables
from mebench.errors import MebenchError, MebenchWarning, reason_of
from mebench.plain_text import (
    cell,
    cells,
    html,
    is_plain,
    json_text,
    markdown,
    plain,
    plain_lines,
    without_formula_mark,
)
from mebench.scoring.tables import Table
from mebench.scoring.typeset import escaped

HARMFUL = (
    "\x1b[31mred\x1b[0m",
    "\x9b2J",
    "a\u202eb",
    "a\u2066b",
    "\x07",
    "a\rb",
    "a\nb",
    "a\tb",
    "\x00",
    "\u2028",
    "\ufeff",
    "\u200b",
    "\ud800",
)
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
ORDINARY = (
    "spNO.1",
    "CAS(ME)\u00b3 part A",
    "\u00dcberraschung",
    "\u60ca\u8bb6",
    "\U0001f469\u200d\U0001f52c",  # an emoji of two with a joiner between
    "\u0645\u06cc\u200c\u062e",  # Persian with a non-joiner
    "[bold]x[/bold]",
    "a & b < c",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", " =1", "\uff1d1", "|x", "%0")


@pytest.mark.parametrize("text", HARMFUL)
def test_what_a_terminal_obeys_or_nobody_sees_is_written_out(text: str) -> None:
    for shown in (plain(text), markdown(text), html(text), escaped(text)):
        assert is_plain(shown)
        assert "red" not in text or "red" in shown
    assert all(c == "\n" or is_plain(c) for c in plain_lines(text))
    assert json.loads(json_text({"name": text})) == {"name": text}
    assert all(c == "\n" or is_plain(c) for c in json_text({"name": text}))


def test_every_control_and_format_character_that_moves_text_is_found() -> None:
    kept = {
        c for c in map(chr, range(0x110000)) if unicodedata.category(c) in ("Cc", "Zl", "Zp") and is_plain(c)
    }
    assert not kept
    turning = [c for c in map(chr, range(0x110000)) if unicodedata.bidirectional(c) in TURNING]
    assert len(turning) == 9
    assert not any(map(is_plain, turning))


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == plain_lines(text) == cell(text) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert without_formula_mark(f"'{text}") == text


@pytest.mark.parametrize("value", ["-0.25", "+3", "1e-3", "-.5", "", "'quoted'", -0.25, 3, None, True])
def test_numbers_and_other_cells_stay(value: object) -> None:
    assert cell(value) == value
    assert not isinstance(value, str) or without_formula_mark(value) == value


def test_rows_of_a_csv_are_read_again_cell_by_cell() -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows(cells([["=x", 1.5, 'a,"b"', "a\nb"]]))
    assert list(csv.reader(io.StringIO(stream.getvalue()))) == [["'=x", "1.5", 'a,"b"', r"a\nb"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        ("[click](http://x)", r"[click\](http://x)"),
        ("![x](http://x)", r"![x\](http://x)"),
        ("[x]: http://x", r"[x\]: http://x"),
        ("`code`", r"\`code\`"),
        (r"\[x](y)", r"\\[x\](y)"),
        ("kind=[a, b]", "kind=[a, b]"),
        ("attention_axes=channel", "attention_axes=channel"),
    ],
)
def test_a_cell_of_markdown_has_no_markup_of_its_own(text: str, shown: str) -> None:
    assert markdown(text) == shown


def test_html_and_svg_parse_and_hold_the_text() -> None:
    text = '<b>&"\x1b[2J\u202e\x0b'
    assert ElementTree.fromstring(f'<p a="{html(text)}">{html(text)}</p>').text == plain(text)


# What is printed


def printed(*objects: object, terminal: bool = False) -> str:
    console = PlainConsole(
        file=io.StringIO(), force_terminal=terminal, width=60, color_system="standard" if terminal else None
    )
    console.print(*objects)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("text", HARMFUL)
def test_no_console_passes_a_control_character_on(text: str) -> None:
    table = RichTable("name")
    table.add_row(Text(text))
    for what in (text, Text(text), table):
        assert all(c == "\n" or is_plain(c) for c in printed(what).rstrip("\n"))


def test_a_style_is_a_style_and_a_name_is_none() -> None:
    assert printed(Text("x", "red"), terminal=True) == "\x1b[31mx\x1b[0m\n"
    assert printed("\x1b[31mx :smile: [red]y[/red]", terminal=True) == "\\x1b[31mx :smile: [red]y[/red]\n"


def test_a_name_with_a_line_break_makes_no_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed("sub\nerror: all is lost") == "sub\\nerror: all is lost\n"
    say("sub\nerror: all is lost", err=True)
    assert capsys.readouterr().err == "sub\\nerror: all is lost\n"


def test_columns_are_as_wide_as_what_is_shown() -> None:
    (table,) = rich_tables(("name", "n"), [["\x1b[1m", "1"], ["b", "22"]], ("n",), 40)
    lines = printed(table).rstrip().splitlines()
    assert lines[-2:] == [r"\x1b[1m    1", "b         22"]


def test_bars_take_brackets_for_text() -> None:
    progress: Progress = bars()
    progress.add_task("drawing [/] [red]x", total=1)
    assert "drawing [/] [red]x" in printed(progress.get_renderable())


def test_a_sentence_has_no_control_character() -> None:
    for kind in (MebenchError, MebenchWarning):
        assert str(kind("the clip sub\x1b[2J\n is gone")) == r"the clip sub\x1b[2J\n is gone"
    assert plain(reason_of(ValueError("a\x1b\nb"))) == r"ValueError: a\x1b b"


class _Odd(Shown):
    def _title(self) -> str:
        return "<i>\x1b[2J"

    def _tables(self) -> list[Table]:
        return [Table("<u>", ("a\u202e",), [("<td>\x1b",)])]

    def _note(self) -> str:
        return "&\x07"


def test_a_notebook_shows_text_as_text() -> None:
    shown = _Odd()
    page = shown._repr_html_()
    assert all(c == "\n" or is_plain(c) for c in page + repr(shown))
    assert "<i>" not in page
    assert "<u>" not in page
    assert all(c == "\n" or is_plain(c) for c in printed(shown).rstrip("\n"))


# One place


def test_nothing_is_printed_but_through_it() -> None:
    """What prints, and what escapes, is named here: another way would let a control character through."""
    core = Path(mebench.__file__).parent
    allowed = {
        "click.echo": {"cli/__init__.py", "display/consoles.py"},
        "sys.stdout.write": set(),
        "sys.stderr.write": set(),
        "html.escape": set(),
        "rich.console.Console": {"display/consoles.py"},
    }
    found: dict[str, set[str]] = {name: set() for name in allowed}
    for file in core.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and (name := ast.unparse(node)) in found:
                found[name].add(file.relative_to(core).as_posix())
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Console":
                found["rich.console.Console"].add(file.relative_to(core).as_posix())
    assert {name: places - allowed[name] for name, places in found.items()} == {
        name: set() for name in allowed
    }

"""The pages of boards: every figure is in them without a script, all text is text, and they ask for nothing."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from mebench.leaderboard.board import Board
from mebench.leaderboard.site.cells import domain_of
from mebench.leaderboard.site.write import write_site
from mebench.scoring.tables import percent
from mebench.scoring.typeset import points


@cache
def _elements(path: Path) -> list[Element]:
    """Return the elements of a page; those of SVG are named as those of HTML are."""
    found = [
        each for each in html5lib.parse(path.read_text(encoding="utf-8")).iter() if isinstance(each.tag, str)
    ]
    for each in found:
        each.tag = each.tag.rpartition("}")[2]
    return found


@pytest.fixture
def page(site: Path) -> Path:
    return site / "boards" / "four.html"


def test_the_same_boards_give_the_same_bytes(boards: list[Board], site: Path, tmp_path: Path) -> None:
    written = write_site(boards, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "boards/elsewhere.html",
        "boards/four.html",
        "synthetic/four.html",
        "index.html",
    ]
    for path in written:
        assert path.read_bytes() == (site / path.relative_to(tmp_path)).read_bytes()


def test_every_figure_of_a_board_is_on_its_page(boards: list[Board], page: Path) -> None:
    board = next(board for board in boards if board.protocol == "four" and not board.synthetic)
    text = " ".join(_elements(page)[0].itertext())
    due = {figure for row in board.reported for figure in row.printed.values()}
    for row in board.reproduced:
        for block in (row.scores, *row.scores["per_dataset"].values()):
            for key in ("uf1", "uar", "accuracy"):
                due |= {percent(block[key][end]) for end in ("mean", "low", "high")}
            due |= {f"{each:g}" for counts in block["confusion"]["sum"] for each in counts}
        due |= {f"{100 * of['f1']['mean']:.2f}" for of in row.scores["per_class"].values()}
    due |= {"74.11", "71.86", "66.00 to 81.00", "76.05", "+8.65", "+5.12 to +11.23", "precision: .7605 = ..."}
    ours = board.reproduced[0].uf1
    assert ours
    due |= {points(ours["mean"] - 0.7353), points(ours["mean"] - 0.7411)}
    assert {figure for figure in due if figure not in text} == set()


def test_all_text_is_text(site: Path) -> None:
    for path in site.rglob("*.html"):
        elements = _elements(path)
        assert not [each for each in elements if each.tag in {"img", "iframe", "b"}]
        scripts = [each for each in elements if each.tag == "script"]
        assert [each.get("type") for each in scripts] in ([None], ["application/json", None])


def test_pages_are_valid_html(site: Path) -> None:
    for path in site.rglob("*.html"):
        html5lib.HTMLParser(strict=True).parse(path.read_text(encoding="utf-8"))


def test_nothing_outside_is_asked_for(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest", text)
        for each in _elements(path):
            assert not {"src", "srcset", "action"} & set(each.attrib)
            for link in (each.get("href"), each.get("xlink:href")):
                assert link is None or re.match(
                    r"#|data:,|(\.\./)?(index|boards/\w+|synthetic/\w+)\.html", link
                )


def test_addresses_are_unique_and_every_link_leads_somewhere(site: Path) -> None:
    ids = {path.relative_to(site).as_posix(): _ids(path) for path in site.rglob("*.html")}
    for found in ids.values():
        assert [name for name, count in found.items() if count > 1] == []
    assert {"four/print-difference-2019", "four/print-elsewhere-2021", "four/reproduced"} <= set(
        ids["boards/four.html"]
    )
    for path in site.rglob("*.html"):
        for each in _elements(path):
            place, _, part = (each.get("href") or "").partition("#")
            target = (path.parent / place).resolve().relative_to(site.resolve()).as_posix() if place else None
            if part or (place and not place.startswith("data:")):
                assert not part or part in ids[target or path.relative_to(site).as_posix()]


def _ids(path: Path) -> Counter[str]:
    return Counter(each.get("id") for each in _elements(path) if each.get("id"))


def test_tables_are_tables_to_who_hears_them(page: Path) -> None:
    elements = _elements(page)
    for table in (each for each in elements if each.tag == "table"):
        assert table.find("caption") is not None
        assert all(head.get("scope") for head in table.iter("th"))
    for drawing in (each for each in elements if each.tag == "svg"):
        assert drawing.get("role") == ("group" if drawing.find("a") is not None else "img")
        assert drawing.get("aria-label")
    for link in (each for each in elements if each.tag == "a" and each.find("title") is not None):
        assert link.get("aria-label")


def test_a_synthetic_board_says_so_first_and_shows_no_print(site: Path) -> None:
    text = (site / "synthetic" / "four.html").read_text()
    assert text.index("SYNTHETIC DATA") < text.index("<table")
    assert "arXiv" not in text
    assert 'id="synthetic/four/' in text
    index = (site / "index.html").read_text()
    assert (
        index.index("boards/four.html") < index.index("SYNTHETIC DATA") < index.index("synthetic/four.html")
    )


def test_what_is_doubted_leads_to_its_proof(page: Path, site: Path) -> None:
    marks = [
        each for each in _elements(page) if each.tag == "a" and "doubted" in (each.get("aria-label") or "")
    ]
    assert [mark.get("href") for mark in marks] == ["#four/print-difference-2019"]
    assert 'href="boards/four.html#four/print-difference-2019"' in (site / "index.html").read_text()


def test_one_scale_holds_all_values_of_a_column() -> None:
    assert domain_of([0.241, 0.7448, None]) == (0.2, 0.8)
    assert domain_of([0.3, 0.3]) == pytest.approx((0.2, 0.4))
    assert domain_of([]) == (0, 1)
    assert (points(0.00001), points(-0.0408), points(0.1)) == ("0.00", "\N{MINUS SIGN}4.08", "+10.00")

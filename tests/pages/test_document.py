"""A page is one valid file that asks for nothing, and shows what it is given as text."""

from __future__ import annotations

import html5lib
import pytest
from markupsafe import Markup

from mebench.pages.document import document, sorting_script, templates

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202egpj"


def test_what_is_given_is_text() -> None:
    page = document(EVIL, EVIL)
    assert "<img" not in page
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_is_valid_html() -> None:
    table = templates("mebench.pages").from_string(
        "{% from 'tables.html' import table %}"
        "{{ table('Runs', ('run', 'UF1'), [(evil, 1)], right=('UF1',), sorted=true) }}"
    )
    body = Markup('<main id="content">{}</main>').format(Markup(table.render(evil=EVIL)))
    parser = html5lib.HTMLParser(strict=True)
    tree = parser.parse(document("A page", body, script=sorting_script()))
    names = {element.tag.rpartition("}")[2] for element in tree.iter() if isinstance(element.tag, str)}
    assert {"caption", "th", "main", "script"} <= names
    assert "img" not in names


def test_only_the_script_that_it_came_with_may_run() -> None:
    assert "script-src" not in document("a", "")
    assert "script-src 'sha256-" in document("a", "", script="1")
    assert "default-src 'none'" in document("a", "")


def test_a_name_that_a_template_forgot_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        templates("mebench.pages").from_string("{{ nothing }}").render()

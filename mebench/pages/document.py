"""The shell of a page: one file that asks for nothing else, reads without scripts, in the dark, on a phone and printed.

    page = templates("mebench.report")                      # Jinja, everything escaped
    body = page.get_template("run.html").render(...)
    document("famnet under casme3-4c", body)                # a whole HTML file

A page may ask for nothing: its policy forbids what anything in it would fetch.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mebench.pages import svg
from mebench.pages.colours import css_tokens
from mebench.plain_text import plain_lines


@cache
def templates(package: str) -> Environment:
    """Return the templates of a package's folder ``templates``; ``tables.html`` of here can be imported by them.

    All that they show is escaped, and made harmless as :func:`mebench.plain_text.plain_lines` does; None is nothing.
    """
    from jinja2 import ChoiceLoader

    loaders = [PackageLoader(package, "templates")]
    if package != "mebench.pages":
        loaders.append(PackageLoader("mebench.pages", "templates"))
    return Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_harmless,
    )


def document(title: str, body: Markup | str, *, style: str = "", script: str = "") -> str:
    """Return a whole page; ``style`` and ``script`` are of the page's own, and none that a file brought.

    ``body`` as Markup stands as it is, a text is escaped.
    """
    css = css_tokens() + svg.CSS + _own("page.css") + style
    return (
        templates("mebench.pages")
        .get_template("document.html")
        .render(
            title=title,
            body=body,
            css=Markup(css),
            script=Markup(script),
            script_hash=_hash(script) if script else "",
        )
    )


def sorting_script() -> str:
    """Return a script that sorts the tables of class ``sorted`` by the column whose head is pressed."""
    return _own("sorting.js")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _own(name: str) -> str:
    return resources.files("mebench.pages").joinpath(name).read_text(encoding="utf-8")


def _harmless(value: Any) -> Any:
    if value is None:
        return ""
    return value if isinstance(value, Markup) else plain_lines(str(value))

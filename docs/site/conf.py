"""Sphinx's configuration; :mod:`build` writes the pages and calls it."""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import textwrap

from docutils import nodes
from sphinx.application import Sphinx

import mebench

project = "mebench"
author = "The mebench authors"
copyright = "The mebench authors"
release = version = mebench.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "mebench"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True}
templates_path: list[str] = []
highlight_language = "none"
pygments_style = "a11y-light"
pygments_dark_style = "github-dark"

myst_heading_anchors = 4
myst_enable_extensions = ["strikethrough"]

# A name of ours that is written as a reference has to be there; those of other libraries are not looked up.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!mebench\.).*")]
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
autodoc_default_options = {"show-inheritance": False}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 90
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def _is_code(block: str) -> bool:
    """Tell whether a paragraph of a docstring is a piece of Python, as the use that modules open with."""
    try:
        tree = ast.parse(textwrap.dedent(block))
    except SyntaxError:
        return False
    return any(
        isinstance(node, ast.Call | ast.Assign | ast.Import | ast.ImportFrom) for node in ast.walk(tree)
    )


def _as_code(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Mark code in the docstrings of modules, which are written for who reads the source."""
    if what != "module":
        return
    blocks = "\n".join(lines).split("\n\n")
    for place, block in enumerate(blocks):
        code = _is_code(block)
        indented = all(line.startswith("    ") for line in block.splitlines())
        if block.strip() and (code or (indented and not blocks[place - 1].rstrip().endswith("::"))):
            language = "python" if code else "text"
            blocks[place] = f".. code-block:: {language}\n\n" + textwrap.indent(textwrap.dedent(block), "   ")
    lines[:] = "\n\n".join(blocks).splitlines()


def _member(thing: object, name: str) -> object:
    """Return a member; of one that objects of a class have alone, what it was declared as.

    Raises:
        AttributeError: there is none.
    """
    declared = [vars(each).get("__annotations__", {}) for each in getattr(thing, "__mro__", ())]
    return next((each[name] for each in declared if name in each), None) or getattr(thing, name)


def _known(app: Sphinx, env: object, node: nodes.Element, contnode: nodes.Element) -> nodes.Element | None:
    """Let a reference to a module or an object of ours stand that is there and has no page."""
    target = str(node.get("reftarget", ""))
    if not target.startswith("mebench"):
        return None
    module, names = target, []
    while module:
        with contextlib.suppress(ImportError, AttributeError):
            functools.reduce(_member, names, importlib.import_module(module))
            return contnode
        module, _, name = module.rpartition(".")
        names.insert(0, name)
    return None


def setup(app: Sphinx) -> None:
    """Add what is ours to Sphinx."""
    app.connect("autodoc-process-docstring", _as_code)
    app.connect("missing-reference", _known)

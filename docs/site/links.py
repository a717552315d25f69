"""Links between files of the repository, as they read on GitHub, made links between pages of the site.

    Links(PurePosixPath("docs/runs.md"), places, files).of(text)

A file that is no page is given along, to be downloaded; of a folder only its name is left. A link to nothing is left as
it is: Sphinx names it, and the build fails.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^\s*(```+|~~~+)")
_LINK = re.compile(r"(?P<code>`+[^`]*`+)|(?P<text>!?\[(?:[^\[\]]|\[[^\[\]]*\])*\])\((?P<to>[^()\s]+)\)")
_HTML = re.compile(r"(?P<name>\b(?:src|href))=\"(?P<to>[^\"]+)\"")


class Links:
    """The links of one page; ``files`` collects what is given along: repository path -> place in the site."""

    def __init__(self, page: PurePosixPath, places: Mapping[str, str], files: dict[str, str]) -> None:
        self._page = page
        self._here = PurePosixPath(places[str(page)]).parent
        self._places = places
        self._files = files

    def of(self, text: str) -> str:
        """Return the page's text with its links as they are in the site."""
        lines, fence = [], ""
        for line in text.splitlines():
            found = _FENCE.match(line)
            if found and (not fence or found[1].startswith(fence)):
                fence = "" if fence else found[1]
            moved = line if fence or found else _HTML.sub(self._html, _LINK.sub(self._link, line))
            lines.append(moved)
        return "\n".join(lines) + "\n"

    def _link(self, found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        return self._moved(
            found["to"],
            found[0],
            lambda to: f"{found['text']}({to})",
            lambda: found["text"].strip("!").strip("[]"),
        )

    def _html(self, found: re.Match[str]) -> str:
        return self._moved(found["to"], found[0], lambda to: f'{found["name"]}="{to}"', lambda: "")

    def _moved(self, to: str, whole: str, write: Callable[[str], str], name: Callable[[], str]) -> str:
        path, mark, anchor = to.partition("#")
        if not path or ":" in path:
            return whole
        target = os.path.normpath(str(self._page.parent / path))
        if target in self._places:
            return write(self._to(self._places[target]) + mark + anchor)
        file = ROOT / target
        if target.startswith("..") or not file.exists():
            return whole
        if file.is_dir():
            return name()
        place = self._files.setdefault(target, f"files/{target}")
        return write(self._to(place))

    def _to(self, place: str) -> str:
        return PurePosixPath(os.path.relpath(place, self._here)).as_posix()

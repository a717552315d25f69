"""Build the documentation: ``python docs/site/build.py``, then open build/docs/html/index.html.

Pages are those of docs/, and what is generated from the installed plugins and from docstrings. All are written to
build/docs/source first, and only where they changed. A warning is an error: a link to nothing, a reference to nothing,
a plugin that cannot be loaded.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path, PurePosixPath

import code_pages
import registry_pages
from contents import grouped
from links import ROOT, Links
from sphinx.cmd.build import build_main

from mebench.plugin.loading import load_plugins

HERE = Path(__file__).parent


def places() -> dict[str, str]:
    """Return the written pages: their path in the repository -> their place in the site."""
    found = {
        **{f"docs/{file.name}": file.name for file in (ROOT / "docs").glob("*.md")},
        **{f"docs/guides/{file.name}": f"guides/{file.name}" for file in (ROOT / "docs/guides").glob("*.md")},
        **{
            f"leaderboards/{file.name}": f"boards/{file.name}"
            for file in (ROOT / "leaderboards").glob("*.md")
        },
        "CHANGELOG.md": "changelog.md",
        "CONTRIBUTING.md": "contributing.md",
        "docs/site/index.md": "index.md",
    }
    # On GitHub the README is what the site's first page is here.
    return dict(sorted(found.items())) | {"README.md": "index.md"}


def sources() -> dict[str, str | bytes]:
    """Return all that Sphinx reads, by its place."""
    pages: dict[str, str | bytes] = {}
    files: dict[str, str] = {}
    written = places()
    for path, place in written.items():
        if path != "README.md":
            text = (ROOT / path).read_text(encoding="utf-8")
            pages[place] = Links(PurePosixPath(path), written, files).of(text)
    plugins = load_plugins()
    if problems := [*plugins.problems()]:
        raise SystemExit("\n".join(problems))
    pages |= {f"{place}.md": text for place, text in registry_pages.pages(plugins.registry)}
    pages |= {f"{place}.rst": text for place, text in code_pages.pages()}
    boards = sorted(place for place in pages if place.startswith("boards/"))
    pages["boards/index.md"] = "# Boards\n\n" + _toctree([Path(place).stem for place in boards])
    for index in ("protocols", "datasets", "models"):
        below = sorted(Path(place).stem for place in pages if place.startswith(f"{index}/"))
        pages[f"{index}/index.md"] += "\n" + _toctree(
            [each for each in below if each != "index"], hidden=True
        )
    listed = grouped({place.rpartition(".")[0] for place in pages} - {"index"})
    trees = [_toctree(group, heading, hidden=True) for heading, group in listed.items()]
    pages["index.md"] = f"{pages['index.md']}\n" + "\n".join(trees)
    return pages | {place: (ROOT / path).read_bytes() for path, place in files.items()}


def write(pages: dict[str, str | bytes], folder: Path) -> None:
    """Write what changed, and remove what is no longer there."""
    for place, content in pages.items():
        data = content.encode() if isinstance(content, str) else content
        file = folder / place
        if not file.is_file() or file.read_bytes() != data:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder).as_posix() not in pages:
            file.unlink()


def _toctree(pages: list[str], caption: str = "", *, hidden: bool = False) -> str:
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:"] * hidden + [":maxdepth: 1"]
    return "\n".join(["```{toctree}", *options, "", *pages, "```", ""])


def main(arguments: list[str] | None = None) -> int:
    """Build the site and return Sphinx's exit code."""
    parser = argparse.ArgumentParser(description="Build the documentation; a warning is an error.")
    parser.add_argument("--out", type=Path, default=ROOT / "build/docs", help="folder for source and html")
    parser.add_argument("--fresh", action="store_true", help="forget what was built before")
    given = parser.parse_args(arguments)
    source, html = given.out / "source", given.out / "html"
    if given.fresh:
        shutil.rmtree(given.out, ignore_errors=True)
    write(sources(), source)
    code = build_main(
        [
            "-b",
            "html",
            "-W",
            "--keep-going",
            "-q",
            "-c",
            str(HERE),
            "-d",
            str(given.out / "state"),
            str(source),
            str(html),
        ]
    )
    if code == 0:
        print(f"built {html / 'index.html'}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

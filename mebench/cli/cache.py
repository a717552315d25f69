"""``mebench cache``: see and clear what can be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from mebench.cli.console import print_table
from mebench.display.consoles import say
from mebench.errors import UnknownNameError
from mebench.paths import cache_folder


@click.group(invoke_without_command=True)
@click.pass_context
def cache(ctx: click.Context) -> None:
    """See or clear the cache of features and twins."""
    if ctx.invoked_subcommand is None:
        _show()


@cache.command()
@click.argument("names", nargs=-1)
def clear(names: tuple[str, ...]) -> None:
    """Delete the entries NAMES, or all of them. Records and data are never touched."""
    from mebench.features.store import CONTENTS
    from mebench.leaderboard.remembered import rows_folder
    from mebench.plugin.remembered import answers_folder

    entries = _entries()
    for name in names:
        if name not in entries:
            raise UnknownNameError("cache entry", name, entries, hint="`mebench cache` lists them")
    chosen = {name: entries[name] for name in names} if names else entries
    freed = sum(_size(folder) for folder in chosen.values())
    for folder in chosen.values():
        shutil.rmtree(folder)
    if not names:
        for folder in (answers_folder(), rows_folder()):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (cache_folder() / "features").glob(CONTENTS.format("*")):
            file.unlink()
    say(f"deleted {len(chosen)} entries, {_mib(freed)} MiB")


def _show() -> None:
    from mebench.features.store import FeatureStore

    features = FeatureStore(cache_folder() / "features").entries()
    rows: list[tuple[object, ...]] = [
        (e.name, e.description, e.clips, _mib(e.bytes), e.made[:10]) for e in features
    ]
    rows += [
        (folder.name, "synthetic twin", "", _mib(_size(folder)), "")
        for folder in _entries().values()
        if folder.parent.name == "twins"
    ]
    columns = ("entry", "what", "clips", "MiB", "made")
    print_table(f"Cache in {cache_folder()}", columns, rows, right=("clips", "MiB"))


def _entries() -> dict[str, Path]:
    """Return name -> folder of everything in the cache, half-made entries of killed runs included."""
    found = sorted(
        path for kind in ("features", "twins") for path in (cache_folder() / kind).glob("*") if path.is_dir()
    )
    return {path.name: path for path in found}


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f}"

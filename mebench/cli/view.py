"""``mebench view``: the page of a folder of runs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="[RUNS]", type=click.Path(path_type=Path), default=Path("runs"))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the pages there, a folder that opens anywhere. [default: in the cache]",
)
@click.option("--no-browser", is_flag=True, help="Open nothing; say where the page is.")
def view(folder: Path, out: Path | None, no_browser: bool) -> None:
    """Open the page of the runs in RUNS: how each stands, what it scored, and its report.

    RUNS is a folder of runs, or the folder of one; without it: runs. Nothing is served: the pages are files.
    """
    import webbrowser

    from mebench.display.consoles import say
    from mebench.display.progress import progress_bar
    from mebench.report.viewing import view_folder, write_view
    from mebench.report.writing import refuse_file

    place = out or view_folder(folder)
    refuse_file(place)
    with progress_bar() as report:
        path = write_view(folder, place, lambda done, total: report("runs looked at", done, total)).resolve()
    opened = False
    if not no_browser:
        try:
            opened = webbrowser.open(path.as_uri())
        except (webbrowser.Error, OSError):
            opened = False
        if not opened:
            say("no browser opened: open this file in one", err=True)
    say(str(path))

"""``mebench report RUN``."""

from __future__ import annotations

from pathlib import Path

import click

from mebench.cli.options import runs_option
from mebench.errors import MebenchError


@click.command()
@click.argument("names", metavar="RUN", nargs=-1, required=True)
@click.option("--compare", is_flag=True, help="Set two runs of the same clips side by side: --compare A B.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the report. [default: reports/PROTOCOL/RUN, or reports/PROTOCOL/A-B]",
)
@runs_option
def report(names: tuple[str, ...], compare: bool, out: Path | None, runs: Path) -> None:
    """Write a report of RUN: one HTML file that opens anywhere, and its figures as SVG and PNG.

    RUN is a folder, or a name from `mebench list runs`. Scores are computed anew from the records. A run with folds
    missing has a report without scores.
    """
    from mebench.display.consoles import say
    from mebench.records import find_run
    from mebench.report.writing import refuse_file, write_report

    if len(names) != 1 + compare:
        raise MebenchError(
            f"{len(names)} run(s) are named: name one, or two with --compare"
            if compare or len(names) > 2
            else "two runs are named: add --compare to set them side by side, or name one"
        )
    if out is not None:
        refuse_file(out)
    directories = [find_run(name, runs) for name in names]
    if compare:
        from mebench.report.compared_page import compared_page, marks_of_both, read_compared

        two = read_compared(*directories)
        (page, figures), title, marks = compared_page(two), two.title, marks_of_both(two)
        folder = (
            out or Path("reports") / two.protocol / f"{directories[0].path.name}-{directories[1].path.name}"
        )
    else:
        from mebench.report.contents import read_contents
        from mebench.report.figures import run_figures
        from mebench.report.marks import marks_of
        from mebench.report.run_page import run_page, title_of_page

        contents = read_contents(directories[0])
        figures, title = run_figures(contents), title_of_page(contents)
        marks = marks_of(contents.run, contents.scores, contents.total - contents.done)
        page = run_page(contents, figures)
        folder = out or Path("reports") / contents.name
    refuse_file(folder)
    say(str(write_report(folder, page, figures, of=title, marks=marks)))

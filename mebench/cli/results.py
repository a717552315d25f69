"""``mebench leaderboard submit``, ``verify`` and ``rescore``: results as files that others can check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mebench.cli.options import annotated_data_option, locations, plugins_of, runs_option
from mebench.display.consoles import say, say_lines
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort
    from mebench.data.locations import Location
    from mebench.leaderboard.rescored import Rescored
    from mebench.leaderboard.results.verify import Verified
    from mebench.plugin.registry import Registry

_LEADERBOARDS = Path("leaderboards")

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=_LEADERBOARDS,
    show_default=True,
    help="The folder of leaderboards.",
)


@click.command()
@click.argument("run")
@runs_option
@out_option
@click.option(
    "--selection",
    type=click.Choice(["oracle", "last"]),
    help="Of an oracle run, store only these predictions. [default: both]",
)
@click.option(
    "--without-subjects", is_flag=True, help="Leave out how many of each subject's clips are right."
)
@click.pass_context
def submit(
    ctx: click.Context, run: str, runs: Path, out: Path, selection: str | None, without_subjects: bool
) -> None:
    """Store the predictions of RUN for tables to rebuild.

    RUN is a complete run: a folder, or a name from `mebench list runs`. Neither labels nor pictures are stored;
    docs/results.md says what is. Of a run under --selection oracle two results are stored: the epochs that the test
    clips chose, which no table ranks, and the last ones of the same training.
    """
    from mebench.leaderboard.results.submit import submit as store
    from mebench.records import find_run

    done = store(
        find_run(run, runs),
        out,
        plugins_of(ctx).registry,
        selection=selection or "",
        subjects=not without_subjects,
    )
    from mebench.cli.console import warn

    for told in done.notes:
        warn(told)
    for path in done.written:
        say(f"wrote {path}")
    for path in done.replaced:
        say(f"removed {path}: the same run with fewer seeds, all of which the new file holds")
    say(
        "For a pull request: `mebench leaderboard verify`, `mebench leaderboard build`, then commit the folder "
        f"{out} (its files hold predictions by clip key, no labels)"
    )


@click.command()
@click.argument("places", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|DIR]...")
@click.option(
    "--list",
    "lists",
    metavar="PROTOCOL=FILE",
    multiple=True,
    help="The list with a protocol's clips and labels.",
)
@annotated_data_option
@click.option(
    "--renew",
    is_flag=True,
    help="Write scores and differences anew as this version computes them, of predictions that are sound.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def verify(
    ctx: click.Context,
    places: tuple[Path, ...],
    lists: tuple[str, ...],
    data_folders: tuple[str, ...],
    renew: bool,
    as_json: bool,
) -> None:
    """Verify stored results: each FILE, or all below a DIR. [default: leaderboards/results]

    Where the labels are at hand (--list, --data, or what `mebench data add` remembers) every figure is computed
    anew. Where they are not, all that needs no labels is held against each other, and that is said. The exit code is
    1 where something is wrong; each fault is named by its file and field.
    """
    from mebench.cli.console import print_json
    from mebench.leaderboard.results.labels import Labels
    from mebench.leaderboard.results.verify import verify as verified

    registry = plugins_of(ctx).registry
    labels = Labels(registry, lists=lists_of(registry, lists), data=_data_of(registry, data_folders))
    found = verified(places or (_LEADERBOARDS / "results",), registry, labels, renew=renew)
    if as_json:
        print_json([{**vars(each), "path": str(each.path)} for each in found])
    else:
        for each in found:
            _tell(each)
        _sum_up(found)
    if any(each.problems for each in found):
        ctx.exit(1)


@click.command()
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Predictions that others published.",
)
@click.option(
    "--protocol", "name", metavar="NAME", help="The protocol. [default: that of the file's stored rows]"
)
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    help="Take clips and labels from this list, not from annotations.",
)
@annotated_data_option
@out_option
@click.option(
    "--add", is_flag=True, help="Write the file's rows into rescored.csv, new or in place of its former ones."
)
@click.option("--method", default="", help="With --add of a new file: what its authors call the method.")
@click.option("--model", default="", help="With --add: the registered model that re-implements it.")
@click.option("--year", type=int, default=0, help="With --add: the year of its publication.")
@click.option(
    "--place", default="", help="With --add: where the file is published (repository, path, commit)."
)
@click.option("--source", default="", help="With --add: the paper.")
@click.option("--caveat", default="", help="With --add: what a reader has to know.")
@click.pass_context
def rescore(
    ctx: click.Context,
    /,
    file: Path,
    name: str | None,
    list_file: Path | None,
    data_folders: tuple[str, ...],
    out: Path,
    add: bool,
    **words: str | int,
) -> None:
    """Score a file of others' predictions as rescored.csv has it.

    Figures that differ from the file's rows are named, and the exit code is then 1. The file is known by its SHA-256;
    such files are their owners' and do not come with mebench. Of one without rows those that it would have are printed.
    """
    from mebench.data.clips.sheet import sha256_of
    from mebench.leaderboard.rescored import read_rescored, rescored_csv, write_rescored
    from mebench.leaderboard.rescoring import (
        About,
        bounds_alone,
        differences,
        of_file,
        rescore,
        with_words_of,
    )

    if not file.exists():
        raise MebenchError(f"there is no {file}: give the file of predictions as it was published")
    registry = plugins_of(ctx).registry
    every = _rescored(out)
    stored = of_file(every, sha256_of(file))
    protocol = name or (stored[0].protocol if stored else "")
    if not protocol:
        raise MebenchError(
            f"{file} has no row in rescored.csv, which could name its protocol: give --protocol"
        )
    cohort = _cohort_of(registry, protocol, list_file, data_folders)
    about = About(**words)  # type: ignore[arg-type]
    stored = [row for row in stored if row.protocol == cohort.protocol.name]
    made, found = rescore(registry, file, cohort, about)
    _print_rows(file, made, len(found["missing"]), len(found["truth_differs"]))
    if stored and not any(words.values()):
        made = with_words_of(made, stored)
    if add:
        if not (made[0].method and made[0].place and made[0].year):
            raise MebenchError(
                "--add needs --method, --year and --place: a row says whose predictions these are"
            )
        own = out / "rescored.csv"
        rows = [row for row in (read_rescored(own) if own.exists() else []) if row not in stored]
        write_rescored(own, [*rows, *made])
        say(f"wrote {own}")
    elif not stored:
        say("rescored.csv has no rows of this file; these would be (--add writes them):")
        say_lines(rescored_csv(made), nl=False)
    elif unlike := differences(stored, made):
        for each in unlike:
            say(each)
        why = ", all of them bounds: another version made these, and --add writes them anew"
        alone = bounds_alone(stored, made)
        say(
            f"{len(unlike)} figures differ from those that rescored.csv holds of this file{why if alone else ''}"
        )
        ctx.exit(1)
    else:
        say(f"the same as rescored.csv holds of this file: {stored[0].method}, {stored[0].place}")


def lists_of(registry: Registry, given: tuple[str, ...]) -> dict[str, Path]:
    """Return protocol -> list of what stands behind ``--list``.

    Raises:
        MebenchError: it is not written so, or no protocol has that name.
    """
    found = {}
    for each in given:
        protocol, equals, file = each.partition("=")
        if not (equals and protocol and file):
            raise MebenchError(f"--list {each}: write it as PROTOCOL=FILE")
        if not Path(file).exists():
            raise MebenchError(f"--list {each}: there is no {file}")
        found[registry.get("protocol", protocol).name] = Path(file)
    return found


def _data_of(registry: Registry, given: tuple[str, ...]) -> dict[str, Location]:
    from mebench.data.sources import ready_datasets

    ready = ready_datasets(registry)
    names = tuple(entry.name for entry in registry.entries("dataset") if entry.name not in ready)
    return locations(given, None, names, ready=ready, instead="") if given else {}


def _tell(found: Verified) -> None:
    for problem in found.problems:
        say(f"{found.path}: {problem}")
    if found.problems:
        return
    if found.renewed:
        say(f"{found.path}: written anew with {found.scored_with or 'the labels at hand'}")
    elif found.scored_with:
        say(f"{found.path}: verified with {found.scored_with}")
    else:
        say(
            f"{found.path}: agrees with itself; scores are not verifiable here: {found.absent or 'no labels'}"
        )


def _sum_up(found: list[Verified]) -> None:
    if not found:
        say("no stored result here")
        return
    wrong = sum(bool(each.problems) for each in found)
    unseen = sum(not each.problems and not each.scored_with for each in found)
    ends = [f"{len(found) - wrong - unseen} verified"]
    ends += [f"{unseen} only agree with themselves, for their labels are not here"] if unseen else []
    ends += [f"{wrong} refused"] if wrong else []
    say(f"{len(found)} files: {', '.join(ends)}")


def _rescored(out: Path) -> list[Rescored]:
    from mebench.leaderboard.rescored import rescored_figures

    return rescored_figures(out)


def _cohort_of(registry: Registry, name: str, list_file: Path | None, data: tuple[str, ...]) -> Cohort:
    from mebench.cohort.opening import load_protocol
    from mebench.cohort.ready import cohort_of_list, cohort_to_score
    from mebench.data.sources import ready_datasets

    if list_file and data:
        raise MebenchError("--list and --data both say which clips count: give one of them")
    if list_file:
        return cohort_of_list(registry, name, list_file)
    datasets = load_protocol(registry, name).datasets
    instead = "take clips and labels from a list with --list CSV"
    places = locations(data, None, datasets, ready=ready_datasets(registry), instead=instead)
    return cohort_to_score(registry, name, data=places, instead=instead)


def _print_rows(file: Path, rows: list[Rescored], missing: int, differ: int) -> None:
    from mebench.cli.console import print_table
    from mebench.scoring.tables import bounds, percent

    columns = (
        "part",
        "clips",
        "missing",
        "UF1",
        "95 % interval",
        "UAR",
        "95 % interval",
        "accuracy",
        "precision",
    )
    cells = [
        (
            row.part,
            row.clips,
            row.missing,
            percent(row.uf1),
            bounds(row.uf1_low, row.uf1_high),
            percent(row.uar),
            bounds(row.uar_low, row.uar_high),
            percent(row.accuracy),
            percent(row.precision),
        )
        for row in rows
    ]
    print_table(f"{file.name} under {rows[0].protocol}", columns, cells, right=columns[1:])
    if missing:
        say(f"{missing} clips have no prediction in the file, which no figure counts")
    if differ:
        say(f"{differ} clips have another truth in the file than the cohort's label, which counts")

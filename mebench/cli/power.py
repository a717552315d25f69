"""``mebench power PROTOCOL``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mebench.cli.options import annotated_data_option, locations, plugins_of
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.cohort.protocol import Protocol
    from mebench.plugin.registry import Registry
    from mebench.scoring.power import Cohort


@click.command()
@click.argument("name", metavar="PROTOCOL")
@click.option("--uf1", default=0.7, show_default=True, help="About how good the models are.")
@click.option(
    "--seeds", type=click.IntRange(1, 20), default=1, show_default=True, help="Training seeds of each model."
)
@click.option("--difference", type=float, help="Say how many subjects it takes to find this, such as .05.")
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    help="Take clips and subjects from this list of clips.",
)
@annotated_data_option
@click.option(
    "--cohorts",
    type=click.IntRange(100, 100_000),
    default=400,
    show_default=True,
    help="Cohorts simulated for each figure; more are slower and surer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def power(
    ctx: click.Context,
    name: str,
    uf1: float,
    seeds: int,
    difference: float | None,
    list_file: Path | None,
    data_folders: tuple[str, ...],
    cohorts: int,
    as_json: bool,
) -> None:
    """Say how large a difference between two models the subjects of PROTOCOL can show.

    \b
    mebench power megc2019
    mebench power megc2019 --difference .05 --seeds 3

    Two models are simulated again and again, one a little better, and compared as `mebench compare` does: how large
    must their difference be to be found (p of .05 or less) in 80 of 100 cases? Subjects and clips are those of a cohort
    that is here or of a list, else what the protocol's source publishes. No training, and no pictures.
    """
    from mebench.cli.console import print_json
    from mebench.cohort.opening import load_protocol
    from mebench.display.progress import progress_bar
    from mebench.scoring.power import power_of, subjects_for

    if list_file and data_folders:
        raise MebenchError("--list and --data both say which clips count: give one of them")
    if difference is not None and not 0 < difference < 1:
        raise MebenchError(f"--difference is a share, such as .05 for 5 points, not {difference:g}")
    if not 0 < uf1 < 1:
        raise MebenchError(f"--uf1 is a share, such as .7 for 70 %, not {uf1:g}")
    registry = plugins_of(ctx).registry
    protocol = load_protocol(registry, name)
    if not protocol.classes:
        raise MebenchError(
            f"{name} detects action units alone, and what its subjects can show is simulated for classes only"
        )
    sizes, source = _sizes(registry, protocol, list_file, data_folders)
    with progress_bar(shown=not as_json) as report:
        found = power_of(sizes, uf1=uf1, seeds=seeds, cohorts=cohorts, report=report)
        needed = (
            {}
            if difference is None
            else subjects_for(
                sizes, difference, uf1=uf1, seeds=seeds, cohorts=cohorts, smallest=found, report=report
            )
        )
    told: dict[str, Any] = {
        "protocol": name,
        "subjects": len(sizes.strata),
        "clips": int(sizes.counts.sum()),
        "from": source,
        "uf1": uf1,
        "seeds": seeds,
        "cohorts": cohorts,
        "smallest": {key: _known(value) for key, value in found.smallest.items()},
        "found": {key: [list(each) for each in rates] for key, rates in found.rates.items()},
        "difference": difference,
        "subjects_for_difference": {key: _known(value) for key, value in needed.items()},
    }
    if as_json:
        print_json(told)
    else:
        _print(told)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _sizes(
    registry: Registry, protocol: Protocol, list_file: Path | None, data_folders: tuple[str, ...]
) -> tuple[Cohort, str]:
    """Return the subjects and clips, and in words where they come from."""
    from mebench.cohort.ready import cohort_of_list, cohort_to_score
    from mebench.data.locations import known_place
    from mebench.data.sources import ready_datasets
    from mebench.scoring.power_sizes import published_sizes, sizes_of_clips

    if list_file:
        return sizes_of_clips(cohort_of_list(registry, protocol.name, list_file)), f"the list {list_file}"
    if data_folders or all(known_place(dataset) for dataset in protocol.datasets):
        ready = ready_datasets(registry)
        instead = "take clips and labels from a list with --list CSV"
        places = locations(data_folders, None, protocol.datasets, ready=ready, instead=instead)
        cohort = cohort_to_score(registry, protocol.name, data=places, repairs=True, instead=instead)
        return sizes_of_clips(cohort), "the cohort that is here"
    return published_sizes(protocol), "the counts that the protocol's source publishes"


def _print(told: dict[str, Any]) -> None:
    from mebench.cli.console import print_table
    from mebench.display.consoles import output
    from mebench.scoring.simulation import CLIP, OWN, SUBJECT
    from mebench.scoring.tables import METRIC_NAMES

    seeds = f"{told['seeds']} seed{'s' if told['seeds'] > 1 else ''} each"
    title = (
        f"{told['protocol']}: {told['subjects']} subjects, {told['clips']} clips ({told['from']}); two models of UF1 "
        f"about {100 * told['uf1']:g}, {seeds}"
    )
    columns = [
        column
        for name in told["found"]
        for column in (f"{METRIC_NAMES[name]} points", f"{METRIC_NAMES[name]} found")
    ]
    rows = [
        [text for difference, share in each for text in (f"{100 * difference:.1f}", f"{100 * share:.0f} %")]
        for each in zip(*told["found"].values(), strict=True)
    ]
    print_table(title, tuple(columns), rows, right=tuple(columns))
    for name, smallest in told["smallest"].items():
        metric = METRIC_NAMES[name]
        say = (
            f"no difference of {metric} that was tried is found in 80 of 100 cases"
            if smallest is None
            else f"{metric}: a true difference of {100 * smallest:.1f} points is found in 80 of 100 cases"
        )
        if told["difference"] is not None:
            needed = told["subjects_for_difference"][name]
            due = "more subjects than can be told" if needed is None else f"about {needed:.0f} subjects"
            say += f"; one of {100 * told['difference']:g} points takes {due}"
        output().print(say)
    sure = 100 * 2 * (0.16 / told["cohorts"]) ** 0.5
    output().print(
        f"assumes: subjects are hard or easy for both models (deviation {SUBJECT:g} of the logit of being right), "
        f"clips too ({CLIP:g}), and subjects for one model alone ({OWN:g}), as it is between networks on MEGC2019; "
        "models that agree less need more. Seeds differ by chance alone: of several expect less than this. More "
        f"subjects bring as many clips each as these have. {told['cohorts']} simulated cohorts: a share found is sure "
        f"to {sure:.0f} points. Found: p of .05 or less by swaps of subjects (`mebench compare`)"
    )

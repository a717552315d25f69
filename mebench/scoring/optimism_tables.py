"""What choosing epochs is worth, as rows of text.

for table in optimism_tables(run, found): print(table.title, table.columns, table.rows)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mebench.models.epoch_rules import INNER, LAST, ORACLE
from mebench.run_info import RunInfo
from mebench.scoring.comparison_tables import points
from mebench.scoring.optimism import AgainstLast, ChosenEpoch, Measured
from mebench.scoring.tables import METRIC_NAMES, Table, percent, title_of

_MOST_ROWS = 10


def optimism_title(run: Mapping[str, Any]) -> str:
    """Return what stands over the tables."""
    return f"{title_of({**run, 'selection': LAST})}: what choosing the epoch is worth"


def rule_table(rule: str, scores: Mapping[Measured, AgainstLast]) -> Table:
    """Return the scores of a rule beside those of the last epoch, and the difference in points with its interval."""
    titles = {ORACLE: "Chosen on the test clips (oracle)", INNER: "Chosen on validation subjects (inner)"}
    columns = ("score", LAST, rule, f"{rule} - {LAST}", "95 % interval")
    rows = [
        (
            METRIC_NAMES[name],
            percent(each["last"]),
            percent(each["chosen"]),
            points(each["difference"]),
            ""
            if each["low"] is None or each["high"] is None
            else f"{points(each['low'])} to {points(each['high'])}",
        )
        for name, each in scores.items()
    ]
    return Table(titles[rule], columns, rows, columns[1:])


def epochs_table(rule: str, chosen: Sequence[ChosenEpoch]) -> Table:
    """Return how many folds chose which part of the training: epochs, or percent where folds are not equally long."""
    lengths = {each["epochs"] for each in chosen}
    alike = len(lengths) == 1
    steps = lengths.pop() if alike else 100
    places = [each["epoch"] if alike else -(-100 * each["epoch"] // each["epochs"]) for each in chosen]
    rows = []
    for first, last in _parts(steps):
        name = str(first) if first == last else f"{first} to {last}"
        rows.append((name, sum(first <= place <= last for place in places)))
    return Table(
        f"Epochs chosen ({rule})", ("epochs" if alike else "% of training", "folds"), rows, ("folds",)
    )


def cohort_note(run: RunInfo) -> str:
    """Return what stands under the tables: how many clips, and how to read the figures."""
    cohort, seeds = run["cohort"], ", ".join(map(str, run["seeds"]))
    return (
        f"{cohort['clips']} clips, {cohort['subjects']} subjects, {cohort['folds']} folds, seeds {seeds}; scores are "
        "pooled over all folds, intervals resample subjects"
    )


def seeds_note(run: RunInfo, seeds: Sequence[int]) -> str:
    """Return in a sentence that a rule is told of fewer training seeds than the run; nothing where it is not."""
    if set(seeds) == set(run["seeds"]):
        return ""
    return f"seed(s) {', '.join(map(str, seeds))} alone, which both runs have"


def epochs_note(chosen: Sequence[ChosenEpoch]) -> str:
    """Return in a sentence how often the last epoch was chosen, or was as good."""
    last = sum(each["epoch"] == each["epochs"] for each in chosen)
    as_good = sum(each["epochs"] in each["equal_epochs"] for each in chosen)
    seeds = " of all seeds" if len({each["seed"] for each in chosen}) > 1 else ""
    return (
        f"the last epoch was chosen in {last} of {len(chosen)} folds{seeds}, and in {as_good} none was better; among "
        "equals the earliest counts"
    )


def _parts(steps: int) -> list[tuple[int, int]]:
    """Return 1 to ``steps`` in ten parts, first and last of each; in fewer where there are fewer steps."""
    count = min(steps, _MOST_ROWS)
    ends = [steps * part // count for part in range(count + 1)]
    return [(before + 1, end) for before, end in pairwise(ends)]

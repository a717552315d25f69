"""The figures of a report: each a drawing with the name of its file and the words below it.

for figure in run_figures(contents): (folder / f"{figure.name}.svg").write_text(figure.drawing.file())
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mebench.pages.confusion import confusion
from mebench.pages.heatmap import heatmap
from mebench.pages.lines import curve
from mebench.pages.reliability import Bin, reliability
from mebench.pages.strip import Dot, strip
from mebench.pages.svg import Drawing
from mebench.pages.whiskers import Whisker, whiskers
from mebench.report.contents import RunContents
from mebench.scoring.schema import Scores
from mebench.scoring.tables import METRIC_NAMES, percent


@dataclass(frozen=True)
class Figure:
    """A drawing; ``name`` is that of its files, ``heading`` and ``words`` stand below it, ``part`` says where."""

    part: str
    name: str
    drawing: Drawing
    heading: str
    words: str = ""


def run_figures(contents: RunContents) -> list[Figure]:
    """Return the figures of a run: of its scores where no fold is missing, of its curves anyway."""
    found = list(_curves(contents))
    if contents.scores is not None:
        found = [*_of_scores(contents, contents.scores), *found]
    return found


def score_whiskers(scores: Scores) -> list[Whisker]:
    """Return each pooled score with its interval and what chance gives, the parts of a composite below."""
    rows = []
    if scores["classes"]:
        for where, block in {"": scores, **scores["per_dataset"]}.items():
            chance = {"uf1": block["chance"]["uf1_majority"], "uar": block["chance"]["uar"]}
            rows += [
                _row(METRIC_NAMES[n], where, block[n], chance.get(n)) for n in ("uf1", "uar", "accuracy")
            ]  # type: ignore[literal-required, index]
    if "au" in scores:
        rows += [
            _row("AU F1", where, block["f1"], block["chance"]["f1"])
            for where, block in {"": scores["au"], **scores["au"]["per_dataset"]}.items()
        ]
    return rows


def _row(metric: str, where: str, scored: Mapping[str, Any], chance: float | None) -> Whisker:
    name = f"{where} {metric}" if where else metric
    return Whisker(name, scored["mean"], scored["low"], scored["high"], chance)


def _of_scores(contents: RunContents, scores: Scores) -> Iterator[Figure]:
    yield Figure(
        "scores",
        "scores",
        whiskers(score_whiskers(scores)),
        "Scores",
        "dots with 95 % intervals over subjects; dotted: chance",
    )
    if scores["classes"]:
        blocks = {"": scores, **scores["per_dataset"]}
        for where, block in blocks.items():
            yield Figure(
                "confusion",
                f"confusion-{slug(where)}" if where else "confusion",
                confusion(block["confusion"]["sum"], scores["classes"], where),
                where or ("All datasets" if len(blocks) > 1 else "All clips"),
                f"{block['clips']} clips of {block['subjects']} subjects, UF1 {percent(block['uf1']['mean'])}",
            )
        yield _subjects(contents)
    if "au" in scores:
        yield from _units(contents, scores)
    if contents.calibration is not None:
        yield _calibration(contents)


def _subjects(contents: RunContents) -> Figure:
    groups: dict[str, list[Dot]] = {}
    for row in contents.subjects:
        groups.setdefault(row["dataset"], []).append(Dot(row["subject"], row["right"], row["clips"]))
    shown = groups if len(groups) > 1 else {"": next(iter(groups.values()), [])}
    return Figure(
        "subjects", "subjects", strip(shown), "Subjects", "a dot is a subject, larger with more clips"
    )


def _units(contents: RunContents, scores: Scores) -> Iterator[Figure]:
    of_units = {name: row for name, row in scores["au"]["per_au"].items() if row["support"]}
    rows = [
        Whisker(f"{name.upper()} ({row['support']})", row["f1"]["mean"]) for name, row in of_units.items()
    ]
    yield Figure(
        "units",
        "action-units",
        whiskers(rows),
        "F1 of each action unit",
        "in brackets: the clips that show it; units that none shows are left out",
    )
    if (found := contents.relations) is None:
        return
    coded = sum(found["clips"])
    shown = [place for place, name in enumerate(found["units"]) if name in of_units]
    names = [found["units"][place].upper() for place in shown]
    for name, heading, shares in (
        ("units-coded", "As the owner coded them", found["coded"]),
        ("units-detected", "As the model detects them", found["detected"]),
    ):
        cells = [[of_class[place] for of_class in shares] for place in shown]
        yield Figure(
            "units",
            name,
            heatmap(
                cells, names, found["classes"], f"{heading}: share of each class's clips that show a unit"
            ),
            heading,
            f"% of a class's clips that show the unit, of {coded} clips with coded units",
        )


def _calibration(contents: RunContents) -> Figure:
    assert contents.calibration is not None
    ece = contents.calibration["ece"]
    bins = [
        Bin(each["low"], each["high"], each["confidence"], each["right"], each["answers"])
        for each in contents.calibration["bins"]
    ]
    sd = ece["sd"] if len(ece["per_seed"]) > 1 else None
    return Figure(
        "calibration",
        "calibration",
        reliability(bins, ece["mean"]),
        f"Expected calibration error {percent(ece['mean'], sd)} %",
        "on the dotted line, answers are right as often as their probability says",
    )


def _curves(contents: RunContents) -> Iterator[Figure]:
    for number, (name, found) in enumerate(contents.curves.items(), start=1):
        several = max(found["folds"]) > 1
        yield Figure(
            "training",
            f"curve-{number}-{slug(name)}",
            curve(name, found["median"], found["lower"], found["upper"]),
            name,
            f"median and quartiles of {max(found['folds'])} folds and seeds"
            if several
            else "one fold of one seed",
        )


def slug(name: str) -> str:
    """Return a name that is safe as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "x"

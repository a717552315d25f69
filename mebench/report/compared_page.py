"""The page of two runs of the same clips, side by side: how they differ, and whether it may be chance.

page, figures = compared_page(read_compared(one, other))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mebench.models.setting_text import setting_text
from mebench.pages.confusion import confusion
from mebench.pages.document import document, sorting_script, templates
from mebench.pages.whiskers import Whisker, difference, whisker, whiskers
from mebench.records import RunDirectory
from mebench.report.contents import RunContents, read_contents
from mebench.report.figures import Figure
from mebench.report.marks import Mark, marks_of
from mebench.scoring.changed import in_short
from mebench.scoring.compared_runs import Comparison, compare_runs
from mebench.scoring.comparison_tables import comparison_note, p_text, points, seed_cells
from mebench.scoring.tables import METRIC_NAMES, bounds, percent, shown_model

_SHOWN = ("uf1", "uar", "au_f1")
_LISTED = 300


@dataclass(frozen=True)
class Compared:
    """Two runs, and how the second differs from the first."""

    a: RunContents
    b: RunContents
    comparison: Comparison

    @property
    def protocol(self) -> str:
        """Return the protocol of the first; the second's has the same clips and labels."""
        return self.a.run["protocol"]

    @property
    def title(self) -> str:
        """Return what stands above the page."""
        return f"{shown_model(self.b.run)} beside {shown_model(self.a.run)} under {self.protocol}"


def read_compared(one: RunDirectory, other: RunDirectory) -> Compared:
    """Return two runs compared.

    Raises:
        MebenchError: one is not complete or damaged, it is the same twice, or they cannot be compared.
    """
    comparison = compare_runs([one, other])
    return Compared(read_contents(one), read_contents(other), comparison)


def compared_page(found: Compared) -> tuple[str, list[Figure]]:
    """Return the page and its figures."""
    (pair,) = found.comparison["pairs"]
    both = {"A": found.a, "B": found.b}
    figures = list(_figures(found, both))
    changed = pair["changed"]
    title = found.title
    body = (
        templates("mebench.report")
        .get_template("compared.html")
        .render(
            title=title,
            both=both,
            marks={letter: marks_of(each.run, each.scores) for letter, each in both.items()},
            same=_same_marks(both),
            notes=found.comparison["notes"],
            how=comparison_note(found.comparison),
            rows=list(_rows(found, pair)),
            seeds=[
                (METRIC_NAMES[name], *seed_cells(pair["over_seeds"][name]))
                for name in _SHOWN
                if name in pair["over_seeds"]
            ],
            scores=list(_scores(found)),
            figures=figures,
            tallies=list(_tallies(changed)),
            settings=_settings(both),
            clips=[_clip(clip) for clip in _ordered(changed["clips"])[:_LISTED]],
            left_out=max(0, len(changed["clips"]) - _LISTED),
            units=bool(changed["per_unit"]),
        )
    )
    words = "".join(f"{mark.word}: " for mark in marks_of_both(found))
    return document(f"{words}{title}", Markup(body), script=sorting_script()), figures


def marks_of_both(found: Compared) -> list[Mark]:
    """Return the marks of either run, each once."""
    every = [*marks_of(found.a.run, found.a.scores), *marks_of(found.b.run, found.b.scores)]
    return list(dict.fromkeys(every))


def _same_marks(both: dict[str, RunContents]) -> list[Mark]:
    """Return the marks that both runs have, which are said once."""
    first, second = (marks_of(each.run, each.scores) for each in both.values())
    return [mark for mark in first if mark in second]


def _rows(found: Compared, pair: Any) -> Iterator[tuple[Any, ...]]:
    shown = {name: pair["scores"][name] for name in _SHOWN if name in pair["scores"]}
    ends = [
        abs(each[end])
        for each in shown.values()
        for end in ("low", "high", "difference")
        if each[end] is not None
    ]
    span = max([0.01, *ends]) * 1.1
    for name, each in shown.items():
        low, high = points(each["low"]), points(each["high"])
        drawn = (
            ""
            if each["difference"] is None
            else difference(each["difference"], each["low"], each["high"], span).inline()
        )
        yield (
            METRIC_NAMES[name],
            points(each["difference"]),
            f"{low} to {high}" if low else "",
            p_text(each["p"]),
            drawn,
        )


def _scores(found: Compared) -> Iterator[tuple[Any, ...]]:
    runs = found.comparison["runs"]
    for name in _SHOWN:
        for letter, run in runs.items():
            if scored := run.get(name) if _of_both(found, name) else None:
                kind = "d-dot" if letter == "A" else "d-other"
                drawn = whisker(
                    scored["mean"],
                    scored["low"],
                    scored["high"],
                    name=f"{METRIC_NAMES[name]} of {letter}",
                    width=240,
                    kind=kind,
                )
                yield (
                    f"{METRIC_NAMES[name]} of {letter}",
                    percent(scored["mean"], scored["sd"]),
                    bounds(scored["low"], scored["high"]),
                    drawn.inline(),
                )


def _figures(found: Compared, both: dict[str, RunContents]) -> Iterator[Figure]:
    runs = found.comparison["runs"]
    rows = [
        Whisker(
            f"{METRIC_NAMES[name]} of {letter}",
            run[name]["mean"],
            run[name]["low"],
            run[name]["high"],
            kind="d-dot" if letter == "A" else "d-other",
        )
        for name in _SHOWN
        for letter, run in runs.items()
        if _of_both(found, name)
    ]
    yield Figure("scores", "scores", whiskers(rows), "Scores", "dots with 95 % intervals over subjects")
    for letter, each in both.items():
        if each.scores is not None and each.scores["classes"]:
            counts = each.scores["confusion"]["sum"]
            drawn = confusion(counts, each.scores["classes"], letter)
            yield Figure("confusion", f"confusion-{letter.lower()}", drawn, letter, shown_model(each.run))


def _of_both(found: Compared, name: str) -> bool:
    return all(name in run for run in found.comparison["runs"].values())


def _tallies(changed: Any) -> Iterator[tuple[Any, ...]]:
    parts = {"all": changed, **changed["per_class"], **changed["per_unit"], **changed["per_dataset"]}
    for name, tally in parts.items():
        yield name, tally["answers"], tally["gained"], tally["lost"]


def _ordered(clips: list[Any]) -> list[Any]:
    return sorted(clips, key=lambda clip: (clip["lost"] - clip["gained"], clip["clip"], clip["unit"] or ""))


def _clip(clip: Any) -> tuple[Any, ...]:
    kinds = [
        f"{name} {clip[name]}" if len(clip["a"]) > 1 else name for name in ("gained", "lost") if clip[name]
    ]
    unit = (clip["unit"].upper(),) if clip["unit"] else ()
    return (clip["clip"], *unit, ", ".join(kinds), clip["truth"], in_short(clip["a"]), in_short(clip["b"]))


def _settings(both: dict[str, RunContents]) -> list[tuple[str, str, str]]:
    """Return the settings that differ, with the value in each; nothing where a model has no such setting."""
    first, second = (each.run["settings"] for each in both.values())
    names = sorted({*first, *second})
    told = {
        name: [setting_text(each[name]) if name in each else "" for each in (first, second)] for name in names
    }
    return [
        (name, a, b)
        for name, (a, b) in told.items()
        if name not in first or name not in second or first[name] != second[name]
    ]

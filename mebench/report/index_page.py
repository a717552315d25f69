"""The page of a folder of runs: how each stands, what it scored, and the way to its report.

runs = [standing(directory) for directory in find_runs(folder)]
index_page("runs", runs, links={"casme3-4c/famnet-3f2a9c1e": "casme3-4c/famnet-3f2a9c1e/report.html"})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from mebench.errors import MebenchError
from mebench.models.setting_text import in_words
from mebench.pages.document import document, sorting_script, templates
from mebench.pages.whiskers import whisker
from mebench.records import RunDirectory
from mebench.report.contents import name_of
from mebench.run_info import RunInfo
from mebench.runner.watching import Standing, WatchedRuns
from mebench.scoring.rebuild import score_run
from mebench.scoring.schema import Scored, Scores
from mebench.scoring.stored import read_scores
from mebench.scoring.tables import percent, run_marks, shown_model


@dataclass(frozen=True)
class ListedRun:
    """A run: how it stands, and its description and scores where they can be read; ``problem`` says why not."""

    name: str
    standing: Standing
    run: RunInfo | None = None
    scores: Scores | None = None
    problem: str = ""


def listed(directory: RunDirectory) -> ListedRun:
    """Return a run for the list: stored scores as long as they stand, else computed anew; a broken one is named."""
    name = name_of(directory)
    standing = WatchedRuns(directory.path).look()[0]
    try:
        run = directory.read_run()
    except MebenchError as error:
        return ListedRun(name, standing, problem=str(error))
    try:
        scores = _stored(directory, run)
        if scores is None and standing.complete:
            scores = score_run(directory)
    except MebenchError as error:
        return ListedRun(name, standing, run, problem=str(error))
    return ListedRun(name, standing, run, scores, "" if scores else standing.problem)


def _stored(directory: RunDirectory, run: RunInfo) -> Scores | None:
    try:
        return read_scores(directory, run)
    except MebenchError:
        # They are no evidence; the records are.
        return None


def index_page(folder: str, runs: Iterable[ListedRun], links: Mapping[str, str]) -> str:
    """Return the page; ``links`` maps the name of a run to its report, relative to the page."""
    protocols: dict[str, list[dict[str, Any]]] = {}
    for each in runs:
        protocols.setdefault(each.name.partition("/")[0], []).append(_row(each, links.get(each.name)))
    for rows in protocols.values():
        rows.sort(key=lambda row: (-row["rank"], row["name"]))
    states = [row["state"] for rows in protocols.values() for row in rows]
    body = (
        templates("mebench.report")
        .get_template("index.html")
        .render(
            folder=folder,
            protocols=dict(sorted(protocols.items())),
            total=len(states),
            counts={
                state: states.count(state)
                for state in ("complete", "stored", "running", "incomplete", "broken")
            },
        )
    )
    return document(f"Runs in {folder}", Markup(body), script=sorting_script())


def _row(each: ListedRun, link: str | None) -> dict[str, Any]:
    standing, run, scores = each.standing, each.run, each.scores
    classes = bool(scores and scores["classes"])
    uf1 = scores["uf1"] if scores and classes else None
    units = scores["au"]["f1"] if scores and "au" in scores else None
    first = uf1 or units
    return {
        "name": each.name.partition("/")[2],
        "link": None if link is None else quote(link),
        "model": "" if run is None else shown_model(run),
        "settings": "" if run is None else in_words(dict(sorted(run["changed_settings"].items()))),
        "seeds": "" if run is None else ", ".join(map(str, run["seeds"])),
        "state": _state(each),
        "folds": f"{standing.done} of {standing.total}" if standing.total else "",
        "failure": f"the last failure: {standing.failure}" if standing.failure else "",
        "problem": each.problem,
        "uf1": _cell(uf1),
        "uar": _cell(scores["uar"] if scores and classes else None),
        "units": _cell(units),
        "drawn": "" if first is None else _drawn(first),
        "synthetic": bool(run and run["synthetic"]),
        "marks": [] if run is None else run_marks({**run, **_trust(scores)}),
        "rank": (first["mean"] or 0.0) if first else -1.0,
    }


def _state(each: ListedRun) -> str:
    if each.problem and not each.scores:
        return "broken"
    if each.scores and each.standing.problem:
        return "stored"  # without its labels, which may not be handed on: the scores are as they were stored
    if each.standing.complete:
        return "complete"
    return "running" if each.standing.running else "incomplete"


def _trust(scores: Scores | None) -> dict[str, Any]:
    return {name: scores[name] for name in ("isolation", "checks") if name in scores} if scores else {}  # type: ignore[literal-required]


def _cell(scored: Scored | None) -> str:
    if scored is None:
        return ""
    return percent(scored["mean"], scored["sd"] if len(scored["per_seed"]) > 1 else None)


def _drawn(scored: Scored) -> Markup:
    return whisker(scored["mean"], scored["low"], scored["high"], width=140).inline()

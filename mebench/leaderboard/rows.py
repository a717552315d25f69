"""Rows of a leaderboard that runs give. What papers print is read in :mod:`mebench.leaderboard.reported`.

Everything is computed from records; a row holds nothing that depends on when or where the table is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mebench.errors import MebenchError
from mebench.models.epoch_rules import ORACLE
from mebench.models.setting_text import in_words
from mebench.records import RunDirectory
from mebench.scoring.rebuild import read_predictions, scores_of
from mebench.scoring.schema import Scored
from mebench.scoring.stood_in import tell_ready, tell_substitutions
from mebench.scoring.tables import local_mark, shown_model
from mebench.scoring.trust import trust_marks


@dataclass(frozen=True)
class Reproduced:
    """What a complete run's records give; ``shown`` is the model with its label.

    ``changed`` lists settings that differ from the defaults, ``bridged`` says what stood in for what, ``ready``
    which files the inputs were read from where they were not computed, ``trust`` the marks of isolation and checks
    (:mod:`mebench.scoring.trust`), ``local_code`` that the model is a file of
    somebody's.
    """

    protocol: str
    model: str
    run: str
    changed: str
    uf1: Scored
    uar: Scored
    accuracy: float | None
    clips: int
    subjects: int
    seeds: int
    selection: str
    manifest: str
    cohort_differs: bool
    subject_dependent: bool
    repeats: int
    bridged: str
    ready: str
    synthetic: bool
    label: str
    shown: str
    local_code: str
    trust: str
    device: str
    version: str


def reproduced(directory: RunDirectory) -> Reproduced:
    """Return the row of a run, its scores computed anew from its records.

    That nothing has changed mebench is for the caller to see (:mod:`mebench.plugin.integrity`), once for all rows.

    Raises:
        MebenchError: the run is incomplete or damaged, or must not be ranked.
    """
    run = directory.read_run()
    if run["shuffled_labels"]:
        raise MebenchError("its training labels were shuffled, as a check")
    if run["selection"] == ORACLE and not run["synthetic"]:
        raise MebenchError(
            "its epochs were chosen on the test clips (oracle), and a table of real results takes none"
        )
    if run["protocol"] != directory.path.parent.name:
        raise MebenchError(f"its run.json names the protocol {run['protocol']!r}, its folder another")
    if not run["classes"]:
        raise MebenchError("its protocol detects action units alone, which have no table yet")
    scores = scores_of(read_predictions(directory))
    cohort = run["cohort"]
    return Reproduced(
        protocol=run["protocol"],
        model=run["model"],
        run=directory.path.name,
        changed=in_words(dict(sorted(run["changed_settings"].items())), " "),
        uf1=scores["uf1"],
        uar=scores["uar"],
        accuracy=scores["accuracy"]["mean"],
        clips=scores["clips"],
        subjects=scores["subjects"],
        seeds=len(run["seeds"]),
        selection=run["selection"],
        manifest=run["manifest"],
        cohort_differs=bool(cohort["differences"] or cohort["dropped_for_faults"]),
        subject_dependent=run.get("subject_dependent", False),
        repeats=scores.get("repeats", 1),
        bridged=tell_substitutions(run.get("substitutions")),
        ready=tell_ready(run),
        synthetic=run["synthetic"],
        label=run.get("label") or "",
        shown=shown_model(run),
        local_code=local_mark(run.get("local_code")),
        trust=", ".join(trust_marks(scores)),
        device=run["device"],
        version=run["mebench"],
    )


def sort_rows(rows: Iterable[Reproduced]) -> list[Reproduced]:
    """Return rows by falling UF1, then by name."""
    return sorted(rows, key=lambda row: (-(row.uf1["mean"] or 0), row.model, row.run))

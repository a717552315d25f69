"""Rows of a board that mebench computed: of stored results, or of runs on this machine.

    row = reproduced(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
    row.uf1, row.factors, row.scores["per_dataset"]

Everything is computed from records; a row holds nothing that depends on when or where the table is built. What papers
print is read in :mod:`mebench.leaderboard.reported`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from mebench.errors import MebenchError
from mebench.evidence.description import run_name
from mebench.leaderboard.results.files import result_name
from mebench.leaderboard.results.made import right_by_subject
from mebench.leaderboard.results.schema import OfSubject, Result
from mebench.models.epoch_rules import ORACLE
from mebench.models.setting_text import setting_text
from mebench.records import RunDirectory
from mebench.scoring.optimism import AgainstLast, Measured, against_last
from mebench.scoring.rebuild import read_predictions, scores_of
from mebench.scoring.schema import Scored, Scores
from mebench.scoring.stood_in import tell_ready, tell_substitutions
from mebench.scoring.tables import local_mark, selection_mark, shown_model
from mebench.scoring.trust import trust_marks

Origin = Literal["stored", "local run"]
Optimism = Mapping[str, Mapping[Measured, AgainstLast]]


@dataclass(frozen=True)
class Reproduced:
    """One complete run, or one stored result.

    Attributes:
        run: the name of the run's folder, which ends in the first digits of its ``identity``.
        key: what names the row among all others, plain in an address: the name that its stored result has, whether it
            is stored or not.
        shown: the model with its label.
        settings: all settings.
        factors: those that differ from the defaults, each as one writes it behind ``--set NAME=``.
        truth: the SHA-256 of ``cohort.csv``: rows of one truth have the same clips, labels and folds.
        scores: all scores, as :mod:`mebench.scoring.schema` has them.
        subjects: ``dataset/subject`` -> how many clips, and the share that is right, a mean over the seeds; None where
            it is not told, or where action units alone are detected.
        optimism: what an epoch rule got more than the last epoch of the same training, by rule and metric. A row of
            the rule ``oracle`` has its own, one of the rule ``last`` those of its twins (:mod:`..board`).
        trained_under: the epoch rule of the training, where its last epoch is told on its own.
        bridged: what stood in for what; ``ready``: which files the inputs were read from where they were not computed;
            ``trust``: the marks of isolation and checks (:mod:`mebench.scoring.trust`); ``local_code``: that the
            model is a file of somebody's. Empty where there is nothing to tell.
        title, checksum, command: of a stored result, as it holds them: the model in words, what pairs name it by, how
            to repeat it. Empty for a run on this machine, whose folder says it.
        place: where a stored result lies, from the folder of tables on.
    """

    protocol: str
    model: str
    run: str
    key: str
    identity: str
    truth: str
    label: str
    shown: str
    settings: Mapping[str, Any]
    factors: Mapping[str, str]
    scores: Scores
    subjects: Mapping[str, tuple[int, float]] | None
    selection: str
    manifest: str
    cohort_differs: bool
    subject_dependent: bool
    bridged: str
    ready: str
    synthetic: bool
    local_code: str
    trust: str
    device: str
    version: str
    optimism: Optimism = field(default_factory=dict)
    title: str = ""
    trained_under: str = ""
    checksum: str = ""
    command: str = ""
    origin: Origin = "local run"
    place: str = ""

    @property
    def uf1(self) -> Scored | None:
        """Return UF1; None under a protocol of action units alone."""
        return self.scores.get("uf1")

    @property
    def uar(self) -> Scored | None:
        """Return UAR; None under a protocol of action units alone."""
        return self.scores.get("uar")

    @property
    def accuracy(self) -> Scored | None:
        """Return the accuracy; None under a protocol of action units alone."""
        return self.scores.get("accuracy")

    @property
    def au_f1(self) -> Scored | None:
        """Return the mean F1 of the action units; None where none are detected."""
        return self.scores["au"]["f1"] if "au" in self.scores else None

    @property
    def headline(self) -> Scored | None:
        """Return the score that rows are sorted by: UF1, or the mean F1 of action units where there are no classes."""
        return self.uf1 or self.au_f1

    @property
    def changed(self) -> str:
        """Return the settings that differ from the defaults, in words."""
        return " ".join(f"{name}={text}" for name, text in self.factors.items())

    @property
    def distinct(self) -> str:
        """Return what tells the row from others of its model, in words: those settings, and the rule of its epochs."""
        return "; ".join(filter(None, (self.changed, selection_mark(self.selection))))

    @property
    def full_name(self) -> str:
        """Return the model with what tells the row from others of it."""
        return " ".join(filter(None, (self.shown, self.distinct)))

    @property
    def clips(self) -> int:
        """Return how many clips were tested."""
        return self.scores["clips"]

    @property
    def tested_subjects(self) -> int:
        """Return how many subjects they are of."""
        return self.scores["subjects"]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the training seeds."""
        return tuple(self.scores["seeds"])

    @property
    def repeats(self) -> int:
        """Return how often the split was repeated."""
        return self.scores.get("repeats", 1)

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON holds it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Reproduced:
        """Return the row that :meth:`as_json` gave; a TypeError where it is none."""
        subjects = told["subjects"]
        if subjects is not None:
            subjects = {name: (int(clips), float(right)) for name, (clips, right) in subjects.items()}
        return cls(**{**told, "subjects": subjects})


def reproduced(directory: RunDirectory) -> Reproduced:
    """Return the row of a run, its scores computed anew from its records.

    That nothing has changed mebench is for the caller to see (:mod:`mebench.plugin.integrity`), once for all rows.

    Raises:
        MebenchError: the run is incomplete or damaged, its training labels were shuffled, or nothing of it was scored.
    """
    run = directory.read_run()
    if run["shuffled_labels"]:
        raise MebenchError("its training labels were shuffled, as a check")
    if run["protocol"] != directory.path.parent.name:
        raise MebenchError(f"its run.json names the protocol {run['protocol']!r}, its folder another")
    pooled = read_predictions(directory)
    scores = scores_of(pooled)
    if not run["classes"] and "au" not in scores:
        raise MebenchError(
            "its protocol detects action units alone, and none is coded in the clips that it tests"
        )
    row = _row(run, scores, run["selection"], right_by_subject(pooled) if pooled.classes else None)
    if run["selection"] == ORACLE:
        optimism = {ORACLE: against_last(read_predictions(directory, of="last"), pooled)}
        return replace(row, optimism=optimism)
    return row


def row_of_result(result: Result, place: str) -> Reproduced:
    """Return the row of a stored result, with the scores that it holds; ``place`` is where it lies."""
    row = _row(result["run"], result["scores"], result["selection"], result.get("subjects"))
    return replace(
        row,
        title=result["title"],
        trained_under=result.get("trained_under", ""),
        checksum=result["checksum"],
        command=result["command"],
        origin="stored",
        place=place,
    )


def _row(
    run: Mapping[str, Any], scores: Scores, selection: str, subjects: Mapping[str, OfSubject] | None
) -> Reproduced:
    # As the run's identity holds them, with a word in place of every path.
    settings = run["decided_by"]["settings"]
    cohort = run["cohort"]
    return Reproduced(
        protocol=run["protocol"],
        model=run["model"],
        run=run_name(run["model"], run["identity"]),
        key=result_name({"run": run, "selection": selection}).removesuffix(".json"),
        identity=run["identity"],
        truth=run["decided_by"]["truth"],
        label=run.get("label") or "",
        shown=shown_model(run),
        settings=settings,
        factors={name: setting_text(settings.get(name)) for name in sorted(run["changed_settings"])},
        scores=scores,
        subjects=None
        if subjects is None
        else {name: (each["clips"], each["right"]) for name, each in subjects.items()},
        selection=selection,
        manifest=run["manifest"],
        cohort_differs=bool(cohort["differences"] or cohort["dropped_for_faults"]),
        subject_dependent=run.get("subject_dependent", False),
        bridged=tell_substitutions(run.get("substitutions")),
        ready=tell_ready(run),
        synthetic=run["synthetic"],
        local_code=local_mark(run.get("local_code")),
        trust=", ".join(trust_marks(scores)),
        device=run["device"],
        version=run["mebench"],
    )


def sort_rows(rows: Iterable[Reproduced]) -> list[Reproduced]:
    """Return rows by falling UF1, or mean F1 of action units, then by name."""
    return sorted(rows, key=lambda row: (-_mean(row.headline), row.model, row.key))


def _mean(block: Scored | None) -> float:
    return 0.0 if block is None else block["mean"] or 0.0

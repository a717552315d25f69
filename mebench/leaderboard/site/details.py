"""What opens below a row: its confusion matrices and subjects, settings, doubts with their proof, how to repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mebench.files import to_json
from mebench.leaderboard.board import Board
from mebench.leaderboard.doubts import Doubt
from mebench.leaderboard.remarks import remarks_of
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rescored import Rescored
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.measures import block_of, metrics_of
from mebench.leaderboard.site.prints import Paper
from mebench.pages.confusion import confusion
from mebench.pages.document import templates
from mebench.pages.strip import Dot, strip
from mebench.pages.svg import Drawing
from mebench.scoring.tables import percent, within
from mebench.scoring.typeset import point_bounds, points

Figure = tuple[Drawing, str]
_WHOLE = "all clips"


class Details:
    """What opens below the rows of one board; ``address`` is what its rows' names stand behind in an address."""

    def __init__(self, board: Board, address: str) -> None:
        self._board = board
        self._address = address
        self._templates = templates("mebench.leaderboard.site")

    def of_run(self, row: Reproduced, paper: Paper | None) -> Markup:
        """Return what opens below a row of mebench's."""
        block = block_of(self._board, row)
        return self._made(
            "run.html",
            anchor=row.key,
            row=row,
            warnings=[each.whole for each in remarks_of(row) if each.grave],
            confusions=_confusions(block, self._board.classes),
            subjects=_subjects(row),
            parts=self._parts(block),
            of_class=_of_class(block),
            of_unit=_of_unit(row),
            settings=to_json(dict(row.settings)).strip() if row.settings else "",
            beside=_beside(row, paper) if paper and not self._board.units_alone else [],
            paper=paper,
            optimism=_optimism(row),
            measures=[name for _, name in metrics_of(self._board)]
            + ([] if self._board.units_alone else ["accuracy"]),
            ties=self._board.groups.get(row.key, ""),
        )

    def of_print(self, paper: Paper, run: Reproduced | None) -> Markup:
        """Return what opens below a method in print."""
        return self._made(
            "print.html",
            anchor=paper.anchor,
            paper=paper,
            run=run and run.key,
            parts=[
                [
                    _WHOLE if part == WHOLE else part,
                    *(paper.printed(f, part) or "" for f in ("uf1", "uar", "accuracy")),
                ]
                for part in paper.parts
            ],
            logs=[_log(part, row) for part, row in paper.rescored.items()],
            confusions=[
                (confusion(row.confusion, self._board.classes, f"{paper.method}, {_part(part)}"), _part(part))
                for part, row in paper.rescored.items()
                if len(row.confusion) == len(self._board.classes)
            ],
            findings=[(_part(part), finding, self._evidence(finding)) for part, finding in paper.findings],
            measures=[name for _, name in metrics_of(self._board)],
        )

    def _evidence(self, finding: Doubt) -> Drawing | None:
        """Return the matrix that a finding rests on, with the board's classes where it is about them."""
        if not finding.matrix:
            return None
        names = self._board.classes
        if len(names) != len(finding.matrix):
            names = tuple(f"class {place}" for place in range(1, len(finding.matrix) + 1))
        return confusion(finding.matrix, names, "a matrix with these figures")

    def _made(self, template: str, **content: Any) -> Markup:
        made = self._templates.get_template(template).render(
            board=self._board, address=self._address, **content
        )
        return Markup(made)

    def _parts(self, block: Mapping[str, Any]) -> list[list[str]]:
        """Return the scores of all clips and of each dataset as rows of text."""
        keys = [key for key, _ in metrics_of(self._board)] + (
            ["accuracy"] if not self._board.units_alone else []
        )
        several = {_WHOLE: block, **block.get("per_dataset", {})}
        return [
            [
                name,
                str(part["clips"]),
                str(part["subjects"]),
                *(_told(part[key]) for key in keys),
            ]
            for name, part in several.items()
        ]


def _confusions(block: Mapping[str, Any], classes: Sequence[str]) -> list[Figure]:
    """Return a matrix for all clips and for each dataset."""
    if not classes or "confusion" not in block:
        return []
    several = {_WHOLE: block, **block.get("per_dataset", {})}
    return [(confusion(part["confusion"]["sum"], classes, name), name) for name, part in several.items()]


def _subjects(row: Reproduced) -> Drawing | None:
    if not row.subjects:
        return None
    groups: dict[str, list[Dot]] = {}
    for name, (clips, right) in sorted(row.subjects.items()):
        dataset, _, subject = name.partition("/")
        groups.setdefault(dataset, []).append(Dot(subject, right, clips))
    return strip(groups)


def _of_class(block: Mapping[str, Any]) -> list[list[str]]:
    return [
        [name, str(of["support"]), *(percent(of[key]["mean"]) for key in ("f1", "recall", "precision"))]
        for name, of in block.get("per_class", {}).items()
    ]


def _of_unit(row: Reproduced) -> list[list[str]]:
    units: Mapping[str, Any] = row.scores["au"]["per_au"] if "au" in row.scores else {}
    return [
        [name, str(of["support"]), percent(of["f1"]["mean"]), percent(of["f1_macro"]["mean"])]
        for name, of in units.items()
    ]


def _beside(row: Reproduced, paper: Paper) -> list[list[str]]:
    """Return reproduced, reported and rescored figures with their differences, as rows of text."""
    found = []
    for key, name, ours in (("uf1", "UF1", row.uf1), ("uar", "UAR", row.uar)):
        mine = ours["mean"] if ours else None
        printed, own = paper.figure(key), paper.own(key)
        found.append(
            [
                name,
                _told(ours) if ours else "",
                percent(printed),
                points(mine - printed) if mine is not None and printed is not None else "",
                percent(own),
                points(mine - own) if mine is not None and own is not None else "",
            ]
        )
    return found


def _optimism(row: Reproduced) -> list[list[str]]:
    names = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy", "au_f1": "AU F1"}
    return [
        [
            rule,
            names[key],
            percent(each["last"]),
            percent(each["chosen"]),
            points(each["difference"]),
            point_bounds(each["low"], each["high"]),
        ]
        for rule, found in row.optimism.items()
        for key, each in found.items()
    ]


def _log(part: str, row: Rescored) -> list[str]:
    return [
        _part(part),
        str(row.clips),
        str(row.missing),
        within(row.uf1, row.uf1_low, row.uf1_high),
        within(row.uar, row.uar_low, row.uar_high),
        percent(row.accuracy),
        percent(row.precision),
    ]


def _part(part: str) -> str:
    return _WHOLE if part == WHOLE else part


def _told(scored: Mapping[str, Any]) -> str:
    return within(scored["mean"], scored["low"], scored["high"])

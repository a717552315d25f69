"""Write the figures of MEGC2019 on docs' pages from the stored results, so that the pages say what they say.

python docs/study.py             # rewrites what stands between the pages' marks
python docs/study.py --check     # says whether it would
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mebench.leaderboard.board import Board, boards
from mebench.leaderboard.differences import differ_in_the_rule
from mebench.leaderboard.published import Published
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.tables import more_than_last
from mebench.models.epoch_rules import INNER, LAST, ORACLE
from mebench.plugin.loading import load_plugins
from mebench.scoring.schema import Scored
from mebench.scoring.tables import METRIC_NAMES, percent, within
from mebench.scoring.typeset import points

ROOT = Path(__file__).resolve().parents[1]
# Page -> the parts with figures that it has.
PAGES = {
    "docs/megc2019-board.md": ("scores", "datasets", "rules", "reruns", "print", "files"),
    "docs/megc2019-flow.md": ("log",),
    "docs/epoch-rules.md": ("optimism",),
}
PROTOCOL = "megc2019"
# The model whose log its authors published, and that the pages take for an example.
MODEL = "ststnet"
# A model that gains more by the choice of epochs, and that others ran both ways, as they did the example.
OTHER = "off-apexnet"
_PART = re.compile(r"(<!-- figures of (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str, board: Board) -> str:
    """Return a page's text with all its figures as the board has them."""
    rows = [row for row in board.reproduced if row.selection == LAST]
    made = {
        "scores": _scores(board, rows),
        "datasets": _datasets(board, rows),
        "rules": _rules(board, rows),
        "reruns": _reruns(board, rows),
        "print": _beside_print(board, rows),
        "log": _beside_logs(board),
        "optimism": _optimism(board),
        "files": _files(board),
    }
    return _PART.sub(lambda found: found[1] + "\n".join(made[found["name"]]) + "\n" + found[3], text)


def sentences(board: Board) -> dict[str, list[str]]:
    """Return what pages say of the results within their sentences: page -> pieces of its text."""
    svm = next(row for row in board.reproduced if row.model == "flow-svm")
    last, oracle = _both_rules(board)
    other, lucky = _both_rules(board, OTHER)
    htnet = next(each for each in board.rescored if each.model == "htnet" and each.part == WHOLE)
    before, after = percent(_mean(last)), percent(_mean(oracle))
    lifted = f"STSTNet from {before} to {after} and OFF-ApexNet from {percent(_mean(other))} to {percent(_mean(lucky))}"
    return {
        "README.md": [f"UF1 {_scored(svm.uf1)}", lifted],
        "docs/megc2019-board.md": [
            f"published score {within(htnet.uf1, htnet.uf1_low, htnet.uf1_high)}",
            f"has {_scored(lucky.uf1)} here, and {_scored(other.uf1)} by the last epoch",
        ],
        "docs/guides/how-scores-go-wrong.md": [lifted],
        "docs/guides/what-the-numbers-mean.md": [
            f"STSTNet has {before} by `last` and would have had {after} by `oracle`"
        ],
    }


def missing(board: Board) -> list[tuple[str, str]]:
    """Return the pieces that a page's text lacks: these have to be written by hand."""
    return [
        (file, piece)
        for file, pieces in sentences(board).items()
        for piece in pieces
        if piece not in " ".join((ROOT / file).read_text(encoding="utf-8").split())
    ]


def _both_rules(board: Board, model: str = MODEL) -> tuple[Reproduced, Reproduced]:
    """Return a model's last epochs, and those that the test clips chose in the same training."""
    last = next(row for row in board.reproduced if row.model == model and row.selection == LAST)
    return last, next(row for row in board.oracles if differ_in_the_rule(last, row, ORACLE))


def _mean(row: Reproduced) -> float | None:
    return row.uf1["mean"] if row.uf1 else None


def board_of(found: Sequence[Board]) -> Board:
    """Return the study's board among all."""
    return next(board for board in found if board.protocol == PROTOCOL and not board.synthetic)


def _scores(board: Board, rows: list[Reproduced]) -> list[str]:
    return _table(
        ("model", "settings", "UF1", "UAR", "sd of UF1 over seeds", "seeds", "group"),
        (
            (
                f"`{row.model}`",
                " ".join(f"`{name}={value}`" for name, value in row.factors.items()),
                _scored(row.uf1),
                _scored(row.uar),
                percent(row.uf1["sd"]) if row.uf1 else "",
                len(row.seeds),
                board.groups.get(row.key, ""),
            )
            for row in rows
        ),
    )


def _datasets(board: Board, rows: list[Reproduced]) -> list[str]:
    return _table(
        ("model", *board.datasets),
        (
            (f"`{row.model}`", *(told for part, told in _parts(board, row).items() if part != WHOLE))
            for row in rows
        ),
    )


def _rules(board: Board, rows: list[Reproduced]) -> list[str]:
    return _table(
        (
            "model",
            "last epoch",
            "chosen on the test clips",
            "worth",
            "chosen on validation subjects",
            "worth",
        ),
        (
            (
                f"`{row.model}`",
                _scored(row.uf1),
                *(
                    text
                    for rule in (ORACLE, INNER)
                    for text in (_chosen(board, row, rule), more_than_last(row, rule, "uf1"))
                ),
            )
            for row in rows
            if row.optimism
        ),
    )


def _beside_print(board: Board, rows: list[Reproduced]) -> list[str]:
    """Return what is printed of a model, what its authors' own log scores, and what the same model is worth here."""
    logs = {each.model: each for each in board.rescored if each.part == WHOLE and "port" not in each.method}
    return _table(
        ("model", "printed UF1", "its log, rescored", "last epoch here", "chosen on the test clips", "paper"),
        (
            (
                f"`{row.model}`",
                percent(printed.whole.uf1),
                within(log.uf1, log.uf1_low, log.uf1_high) if (log := logs.get(row.model)) else "",
                _scored(row.uf1),
                _chosen(board, row, ORACLE),
                f"{printed.first.method}, {printed.first.year}",
            )
            for row in rows
            if (printed := _printed_of(board, row.model)) and printed.whole
        ),
    )


def _beside_logs(board: Board) -> list[str]:
    """Return UF1 of what the authors of the example published, and of the example here, whole and by dataset."""
    last, _ = _both_rules(board)
    logs: dict[str, dict[str, str]] = {}
    for each in board.rescored:
        if each.model == MODEL:
            logs.setdefault(each.method, {})[each.part] = within(each.uf1, each.uf1_low, each.uf1_high)
    return _by_part(
        board,
        {
            **{f"published log: {method}": log for method, log in logs.items()},
            f"`{MODEL}`, {len(last.seeds)} seeds": _parts(board, last),
        },
    )


def _reruns(board: Board, rows: list[Reproduced]) -> list[str]:
    """Return UF1 of the models that others ran, too, as they print it by dataset, and as it is here by two rules."""
    told: dict[str, dict[str, str]] = {}
    for row in rows:
        theirs = [
            each
            for each in board.published
            if each.first.model == row.model
            and each.first.kind == "re-run"
            and {*board.datasets} <= {*each.parts}
        ]
        if theirs:
            last, oracle = _both_rules(board, row.model)
            told |= {
                each.first.method: {part: percent(printed.uf1) for part, printed in each.parts.items()}
                for each in reversed(theirs)
            }
            told[f"`{row.model}`, last epoch"] = _parts(board, last)
            told[f"`{row.model}`, chosen on the test clips"] = _parts(board, oracle)
    return _by_part(board, told)


def _parts(board: Board, row: Reproduced) -> dict[str, str]:
    """Return a row's UF1 with its interval, whole and by dataset."""
    found = {name: row.scores["per_dataset"][name]["uf1"] for name in board.datasets}
    return {WHOLE: _scored(row.uf1), **{name: _scored(uf1) for name, uf1 in found.items()}}


def _by_part(board: Board, told: dict[str, dict[str, str]]) -> list[str]:
    parts = (WHOLE, *board.datasets)
    return _table(
        ("UF1 of", *parts), ((who, *(found.get(part, "") for part in parts)) for who, found in told.items())
    )


def _optimism(board: Board) -> list[str]:
    """Return what the choice of epochs is worth to the example: whole with intervals, and by dataset."""
    last, oracle = _both_rules(board)
    whole = (
        (
            METRIC_NAMES[name],
            _scored(last.scores[name]),
            _scored(oracle.scores[name]),
            more_than_last(last, ORACLE, name),
        )
        for name in ("uf1", "uar")
    )
    parts = (
        (f"UF1 of {name}", _scored(a), _scored(b), points(_less(b, a)))
        for name in board.datasets
        for a, b in [(each.scores["per_dataset"][name]["uf1"] for each in (last, oracle))]
    )
    return _table(("score", "last epoch", "chosen on the test clips", "worth"), (*whole, *parts))


def _less(more: Scored, less: Scored) -> float | None:
    return None if more["mean"] is None or less["mean"] is None else more["mean"] - less["mean"]


def _printed_of(board: Board, model: str) -> Published | None:
    found = (each for each in board.published if each.first.model == model and each.whole)
    return next((each for each in found if each.first.kind == "reported"), None)


def _files(board: Board) -> list[str]:
    """Return which stored results there are, and how to make them again; one training may give two."""
    made: dict[str, list[str]] = {}
    for row in [*board.reproduced, *board.oracles]:
        made.setdefault(row.command, []).append(f"`{row.place}`")
    return [f"- {' and '.join(places)}: `{command}`" for command, places in made.items()]


def _chosen(board: Board, row: Reproduced, rule: str) -> str:
    """Return the score of the epochs that a rule chooses; nothing where it is not told beside the last ones."""
    if rule not in row.optimism:
        return ""
    twins = (each for each in (*board.oracles, *board.reproduced) if differ_in_the_rule(row, each, rule))
    return _scored(next(twins).uf1)


def _scored(block: Scored | None) -> str:
    return within(block["mean"], block["low"], block["high"]) if block else ""


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (columns, rule, *lines)]


def main() -> int:
    """Rewrite the pages, or say whether they are what the results give; name the sentences that are not."""
    stored = ROOT / "leaderboards"
    # No run on this machine counts.
    board = board_of(boards(stored / "no-runs", stored, load_plugins().registry))
    changed = False
    for file in map(ROOT.joinpath, PAGES):
        text = file.read_text(encoding="utf-8")
        made = page(text, board)
        changed |= made != text
        if "--check" not in sys.argv[1:]:
            file.write_text(made, encoding="utf-8")
    untrue = [f"{file}: {piece!r} is due" for file, piece in missing(board)]
    print("\n".join(untrue), end="\n" * bool(untrue))
    return int(bool(untrue) or (changed and "--check" in sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

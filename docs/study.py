"""Write the figures of docs/megc2019-board.md from the stored results, so that the page says what they say.

python docs/study.py             # rewrites what stands between the page's marks
python docs/study.py --check     # says whether it would
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mebench.leaderboard.board import Board, boards
from mebench.leaderboard.published import Published
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import INNER, LAST, ORACLE
from mebench.plugin.loading import load_plugins
from mebench.scoring.schema import Scored
from mebench.scoring.tables import bounds, percent
from mebench.scoring.typeset import points

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "megc2019-board.md"
PROTOCOL = "megc2019"
# Of two sums of the same figures.
_SAME = 1e-9
_PART = re.compile(r"(<!-- figures of (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str, board: Board) -> str:
    """Return the page's text with all its figures as the board has them."""
    rows = [row for row in board.reproduced if row.selection == LAST]
    made = {
        "scores": _scores(board, rows),
        "datasets": _datasets(board, rows),
        "rules": _rules(board, rows),
        "print": _beside_print(board, rows),
        "files": _files(board),
    }
    return _PART.sub(lambda found: found[1] + "\n".join(made[found["name"]]) + "\n" + found[3], text)


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
            (f"`{row.model}`", *(_scored(row.scores["per_dataset"][name]["uf1"]) for name in board.datasets))
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
                    for text in (_chosen(board, row, rule), _worth(row, rule))
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
                _within(log.uf1, log.uf1_low, log.uf1_high) if (log := logs.get(row.model)) else "",
                _scored(row.uf1),
                _chosen(board, row, ORACLE),
                f"{printed.first.method}, {printed.first.year}",
            )
            for row in rows
            if (printed := _printed_of(board, row.model)) and printed.whole
        ),
    )


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
    """Return the score of the epochs that a rule chooses, with the interval of the row that holds it."""
    found = row.optimism.get(rule, {}).get("uf1")
    if not found:
        return ""
    others = [each.uf1 for each in (*board.oracles, *board.reproduced) if _same_but_rule(row, each, rule)]
    blocks = (each for each in others if each and abs(each["mean"] - found["chosen"]) < _SAME)
    # A row of other seeds has another mean, and bounds nothing here.
    return _scored(block) if (block := next(blocks, None)) else percent(found["chosen"])


def _same_but_rule(row: Reproduced, other: Reproduced, rule: str) -> bool:
    return (other.model, other.factors, other.selection) == (row.model, row.factors, rule)


def _worth(row: Reproduced, rule: str) -> str:
    found = row.optimism.get(rule, {}).get("uf1")
    if not found:
        return ""
    return f"{points(found['difference'])} ({points(found['low'])} to {points(found['high'])})"


def _scored(block: Scored | None) -> str:
    return _within(block["mean"], block["low"], block["high"]) if block else ""


def _within(value: float | None, low: float | None, high: float | None) -> str:
    return percent(value) + (f" ({told})" if (told := bounds(low, high)) else "")


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (columns, rule, *lines)]


def main() -> int:
    """Rewrite the page, or say whether it is what the results give."""
    text = PAGE.read_text(encoding="utf-8")
    stored = ROOT / "leaderboards"
    # No run on this machine counts.
    made = page(text, board_of(boards(stored / "no-runs", stored, load_plugins().registry)))
    if "--check" in sys.argv[1:]:
        return int(made != text)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

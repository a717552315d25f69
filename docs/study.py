"""Write the figures of docs/megc2019-board.md from the stored results, so that the page says what they say.

python docs/study.py             # rewrites what stands between the page's marks
python docs/study.py --check     # says whether it would
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from mebench.leaderboard.board import Board, boards
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import INNER, LAST, ORACLE
from mebench.plugin.loading import load_plugins
from mebench.scoring.schema import Scored

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "megc2019-board.md"
PROTOCOL = "megc2019"
_PART = re.compile(r"(<!-- figures of (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str, board: Board) -> str:
    """Return the page's text with all its figures as the board has them."""
    rows = [row for row in board.reproduced if row.selection == LAST]
    made = {
        "scores": _scores(board, rows),
        "datasets": _datasets(board, rows),
        "rules": _rules(rows),
        "print": _beside_print(board, rows),
        "files": _files(board),
    }
    return _PART.sub(lambda found: found[1] + "\n".join(made[found["name"]]) + "\n" + found[3], text)


def study_board(out: Path) -> Board:
    """Return the board of the study from a folder of tables, with no run on this machine."""
    found = boards(out / "no-runs", out, load_plugins().registry)
    return next(board for board in found if board.protocol == PROTOCOL and not board.synthetic)


def _scores(board: Board, rows: list[Reproduced]) -> Iterator[str]:
    yield from _header("model", "settings", "UF1", "UAR", "sd of UF1 over seeds", "seeds", "group")
    for row in rows:
        assert row.uf1
        assert row.uar
        sd = "" if row.uf1["sd"] is None else f"{100 * row.uf1['sd']:.2f}"
        yield _line(
            f"`{row.model}`",
            _settings(row),
            _scored(row.uf1),
            _scored(row.uar),
            sd,
            str(len(row.scores["seeds"])),
            board.groups.get(row.key, ""),
        )


def _datasets(board: Board, rows: list[Reproduced]) -> Iterator[str]:
    yield from _header("model", *board.datasets)
    for row in rows:
        blocks = row.scores["per_dataset"]
        yield _line(f"`{row.model}`", *(_scored(blocks[name]["uf1"]) for name in board.datasets))


def _rules(rows: list[Reproduced]) -> Iterator[str]:
    yield from _header(
        "model", "last epoch", "chosen on the test clips", "worth", "chosen on validation subjects", "worth"
    )
    for row in rows:
        found = {rule: row.optimism.get(rule, {}).get("uf1") for rule in (ORACLE, INNER)}
        if not any(found.values()):
            continue
        assert row.uf1
        cells: list[str] = []
        for against in found.values():
            if against is None:
                cells += ["", ""]
            else:
                cells += [_percent(against["chosen"]), _signed(against)]
        yield _line(f"`{row.model}`", _percent(row.uf1["mean"]), *cells)


def _beside_print(board: Board, rows: list[Reproduced]) -> Iterator[str]:
    """What is printed of a model, what its authors' own log scores, and what the same model is worth here."""
    yield from _header(
        "model", "printed UF1", "its log, rescored", "last epoch here", "chosen on the test clips", "paper"
    )
    logs = {each.model: each for each in board.rescored if each.part == "all" and "port" not in each.method}
    for row in rows:
        printed = next(
            (
                each
                for each in board.published
                if each.whole and each.first.model == row.model and each.first.kind == "reported"
            ),
            None,
        )
        if printed is None or printed.whole is None:
            continue
        log = logs.get(row.model)
        oracle = row.optimism.get(ORACLE, {}).get("uf1")
        assert row.uf1
        yield _line(
            f"`{row.model}`",
            _percent(printed.whole.uf1),
            f"{_percent(log.uf1)} ({_percent(log.uf1_low)} to {_percent(log.uf1_high)})" if log else "",
            _scored(row.uf1),
            _percent(oracle["chosen"]) if oracle else "",
            f"{printed.first.method}, {printed.first.year}",
        )


def _files(board: Board) -> Iterator[str]:
    """Which stored result each row is, and how to make it again."""
    for row in [*board.reproduced, *board.oracles]:
        yield f"- `{row.place}`: `{row.command}`"


def _settings(row: Reproduced) -> str:
    return " ".join(f"`{name}={value}`" for name, value in row.factors.items())


def _scored(block: Scored) -> str:
    if block["low"] is None:
        return _percent(block["mean"])
    return f"{_percent(block['mean'])} ({_percent(block['low'])} to {_percent(block['high'])})"


def _signed(against: Mapping[str, float | None]) -> str:
    def points(value: float | None) -> str:
        return "" if value is None else f"{100 * value:+.2f}"

    return f"{points(against['difference'])} ({points(against['low'])} to {points(against['high'])})"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"


def _header(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield "|" + "|".join(["---", *["---:"] * (len(names) - 1)]) + "|"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Rewrite the page, or say whether it is what the results give."""
    text = PAGE.read_text(encoding="utf-8")
    made = page(text, study_board(ROOT / "leaderboards"))
    if "--check" in sys.argv[1:]:
        return int(made != text)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

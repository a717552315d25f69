"""Building every leaderboard from stored results, runs on this machine, and what papers print.

    build_leaderboards(Path("runs"), Path("leaderboards"), registry)

Synthetic runs go to tables of their own, in ``synthetic/``: they never share one with real results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mebench.files import write_atomically
from mebench.leaderboard.board import collect
from mebench.leaderboard.columns import as_csv
from mebench.leaderboard.render import latex, markdown
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry


@dataclass
class Built:
    """The files written, and the runs left out with their reasons."""

    written: list[Path] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)


def build_leaderboards(runs: Path, out: Path, registry: Registry | None = None) -> Built:
    """Write ``<protocol>.md``, ``.csv`` and ``.tex`` for every protocol that has a run or a published figure.

    Protocols are those of the installed plugins, unless a ``registry`` gives others.

    Raises:
        MebenchError: the published figures are damaged, or the disk refuses.
    """
    found = collect(runs, out, load_plugins().registry if registry is None else registry)
    built = Built(left_out=list(found.left_out))
    for board in found.boards:
        folder = out / "synthetic" if board.synthetic else out
        for suffix, text in ((".md", markdown(board)), (".csv", as_csv(board)), (".tex", latex(board))):
            path = folder / f"{board.protocol}{suffix}"
            write_atomically(path, text)
            built.written.append(path)
    return built

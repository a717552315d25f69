"""Boards with everything on them: runs of two datasets, print with doubts, rescored predictions, synthetic runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from invented import invented_cohort, store_run

from mebench.files import write_atomically
from mebench.leaderboard.board import Board, collect
from mebench.leaderboard.doubts import Doubt
from mebench.leaderboard.rescored import Rescored
from mebench.leaderboard.site.write import write_site
from mebench.plugin.registry import Registry

EVIL = "</script><img src=x onerror=alert(1)>"
HEADER = "protocol,part,model,method,year,uf1,uar,accuracy,samples,kind,source,caveat"
PRINT = f"""{HEADER}
four,all,difference-svm,Difference,2019,0.7353,0.7605,0.7692,24,reported,arXiv:1,"epochs <b>chosen</b> & kept"
four,casme3,difference-svm,Difference,2019,0.6801,0.7013,,12,reported,arXiv:1,
four,all,,Elsewhere "{EVIL}",2021,0.9112,,,,reported,arXiv:2,
four,all,difference-svm,Difference (a re-run),2022,0.6552,0.6521,,,re-run,github x,
four,all,,Elsewhere,2021,0.51,,,,reported,arXiv:3,
elsewhere,all,,Alone,2020,0.4321,,,,reported,arXiv:4,accuracy only
"""


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> list[Board]:
    """Return a board of everything, one of print alone and one of synthetic runs."""
    folder = tmp_path_factory.mktemp("boards")
    write_atomically(folder / "tables" / "reported.csv", PRINT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEBENCH_CACHE", str(folder / "cache"))
        patch.setattr("mebench.plugin.integrity.refuse_patched", lambda: None)
        cohort = invented_cohort(4, 3, datasets=("casme3", "samm"))
        for name, wrong in (("difference-svm", 5), ("majority", 16)):
            entry = registry.get("model", name)
            kind = entry.load()
            store_run(folder / "runs", cohort, entry, kind(kind.Settings()), wrong=wrong, seeds=(0, 1))
            store_run(
                folder / "runs", invented_cohort(twin=True), entry, kind(kind.Settings()), wrong=wrong // 3
            )
        found = collect(folder / "runs", folder / "tables", registry).boards
    return [
        _furnished(board) if board.protocol == "four" and not board.synthetic else board for board in found
    ]


@pytest.fixture(scope="module")
def site(boards: list[Board], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the pages of the boards."""
    folder = tmp_path_factory.mktemp("site")
    write_site(boards, folder)
    return folder


def _furnished(board: Board) -> Board:
    """Return a board with what needs official lists and published predictions to be made."""
    counts = ((5, 1, 0, 0), (1, 5, 0, 0), (0, 0, 6, 0), (0, 0, 1, 5))
    log = Rescored(
        *("four", "all", "difference-svm", "Difference", 2019, "github.com/x at 1", "ab" * 32, 24, 0),
        *(0.7411, 0.66, 0.81, 0.7186, 0.65, 0.79, 0.7692, 0.7605, counts, "arXiv:1", ""),
    )
    first, second = (row.key for row in board.reproduced)
    difference = {"difference": -0.1234, "low": -0.2222, "high": -0.0311, "p": 0.0123}
    optimism = {"last": 0.7, "chosen": 0.7865, "difference": 0.0865, "low": 0.0512, "high": 0.1123}
    best = replace(
        board.reproduced[0],
        command="mebench run difference-svm four --seeds 0,1",
        optimism={"oracle": {"uf1": optimism, "uar": optimism}},
    )
    return replace(
        board,
        datasets=("casme3", "samm"),
        reproduced=(best, *board.reproduced[1:]),
        rescored=(log,),
        groups={first: "a", second: "b"},
        pairs={(first, second): {"uf1": difference, "uar": difference}},
        doubts={
            0: [Doubt("precision-as-uar", f"UAR .7605 is macro precision {EVIL}.", "precision: .7605 = ...")]
        },
    )

"""How to run: what a user chooses besides model, settings and data.

RunOptions(seeds=(0, 1), folds=3, device="cpu")
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.epoch_rules import LAST, SELECTIONS
from mebench.runner.chosen_executor import LOCAL
from mebench.runner.device import DEVICES, PRECISIONS
from mebench.runner.seeds import check_seeds
from mebench.runner.timeout import DAY


@dataclass(frozen=True)
class RunOptions:
    """How to run: none of this changes what a fold's record says, but ``seeds``, ``shuffle_labels`` and ``selection``.

    ``folds`` is a count or names; ``workers`` 0 means one for each core, or one in all on a GPU; ``executor``
    and ``trackers`` are registered names;
    ``allow_dropped`` goes on with clips of which too little can be read; ``fresh`` sets aside what was recorded
    of the very same run before; ``selection`` is the rule by which an epoch is chosen (docs/epoch-rules.md);
    ``save_models`` keeps the fitted model of each fold (docs/fitted.md); ``fold_timeout`` is how many seconds a fold
    may take; ``require_isolation`` refuses to run, and to count, a fold whose process is not kept from files and the
    network (docs/isolation.md); ``folds_together`` trains all folds as one network in one process
    (docs/folds-together.md).

    Raises:
        MebenchError: a value is not allowed.
    """

    runs: Path = Path("runs")
    seeds: tuple[int, ...] = (0,)
    folds: str | int | Sequence[str] | None = None
    workers: int = 0
    threads: int = 1
    device: str = "auto"
    precision: str = "auto"
    fast: bool = False
    shuffle_labels: bool = False
    allow_dropped: bool = False
    fresh: bool = False
    executor: str = LOCAL
    trackers: tuple[str, ...] = ()
    selection: str = LAST
    save_models: bool = False
    fold_timeout: float = DAY
    require_isolation: bool = False
    folds_together: bool = False

    def __post_init__(self) -> None:
        check_seeds(self.seeds)
        if self.workers < 0 or self.threads < 1:
            raise MebenchError(
                f"{self.workers} workers of {self.threads} threads each: give at least one thread, and a number "
                "of workers, 0 for as many as suit"
            )
        if not 0 < self.fold_timeout < math.inf:
            raise MebenchError(f"--fold-timeout {self.fold_timeout:g}: give how many seconds a fold may take")
        if self.folds_together and self.require_isolation:
            raise MebenchError(
                "--folds-together has one process for all folds, which holds the labels of each, and "
                "--require-isolation asks for folds that cannot see each other's: leave out one of the two"
            )
        if self.folds_together and self.executor != LOCAL:
            raise MebenchError(
                f"--folds-together trains all folds in one process here, and --executor {self.executor} would spread "
                "them: leave out one of the two"
            )
        for name, value, known in (
            ("device", self.device, DEVICES),
            ("precision", self.precision, PRECISIONS),
            ("epoch rule", self.selection, SELECTIONS),
        ):
            if value not in known:
                raise UnknownNameError(name, value, known)

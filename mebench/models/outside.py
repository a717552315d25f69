"""What of the machine a model uses beside Python, its own code and the files that its settings name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outside:
    """Files and folders that a fold's process may use, too; datasets, runs and caches stay closed, whatever is named.

    Attributes:
        readable: what it may read.
        programs: what it may read and run: a program, or the folder that it was installed in.
        writable: folders that it may write. One fold could leave a word to the next there, so that a record says
            ``writes``, and such folds do not count where isolation is required.
    """

    readable: tuple[Path, ...] = ()
    programs: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()

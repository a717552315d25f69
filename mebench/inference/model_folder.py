"""Which folder is meant by the one that a user names: a fitted model's, or a run's that holds several.

fitted_folder(Path("runs/casme3-4c/famnet-1a2b3c4d"))       # an error that names the models in it
"""

from __future__ import annotations

from pathlib import Path

from mebench.errors import MebenchError, first_few
from mebench.models.fitted import is_fitted
from mebench.models.kept import MODEL_FILE


def fitted_folder(folder: Path) -> Path:
    """Return a folder that holds a fitted model.

    Raises:
        MebenchError: there is none; models below it are named.
    """
    if is_fitted(folder):
        return folder
    if not folder.is_dir():
        raise MebenchError(f"there is no folder {folder}: name one that `mebench fit` wrote")
    below = sorted(
        file.parent for depth in ("*", "models/*") for file in folder.glob(f"{depth}/{MODEL_FILE}")
    )
    if len(below) > 1:
        raise MebenchError(
            f"{folder} holds {len(below)} fitted models: name one of them, as {first_few(below, most=2)}"
        )
    if below:
        raise MebenchError(f"{folder} holds its fitted model one level down: name {below[0]}")
    raise MebenchError(
        f"{folder} holds no fitted model (no {MODEL_FILE}): name a folder that `mebench fit` wrote, or run again with "
        "--save-models"
    )

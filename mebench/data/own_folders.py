"""The folders that no model and no input of a plugin may see: mebench's own for this user, and all known datasets."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mebench.data.locations import VARIABLE, remembered
from mebench.errors import MebenchError
from mebench.paths import cache_folder, config_folder, state_folder


def own_folders() -> tuple[Path, ...]:
    """Return cache, configuration and state, and every dataset that variables and configuration name."""
    known: list[Path] = [
        Path(place) for name, place in os.environ.items() if name.startswith(VARIABLE) and place
    ]
    with suppress(MebenchError):
        known += [place for each in remembered().values() for place in (each.root, each.annotation) if place]
    return (cache_folder(), config_folder(), state_folder(), *(place.absolute() for place in known))

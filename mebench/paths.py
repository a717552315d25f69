"""The two folders mebench keeps for a user: configuration and cache.

Both follow the platform's custom; ``MEBENCH_CONFIG`` and ``MEBENCH_CACHE`` move them.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def config_folder() -> Path:
    """Return the folder that remembers where datasets lie."""
    return Path(os.environ.get("MEBENCH_CONFIG") or platformdirs.user_config_dir("mebench", appauthor=False))


def cache_folder() -> Path:
    """Return the folder of features and synthetic twins; everything in it can be made again.

    It is absolute: a notebook may change its folder before it reads from there.
    """
    folder = os.environ.get("MEBENCH_CACHE") or platformdirs.user_cache_dir("mebench", appauthor=False)
    return Path(folder).absolute()

"""The folders mebench keeps for a user: configuration, cache, and the state that is nobody else's.

They follow the platform's custom; ``MEBENCH_CONFIG``, ``MEBENCH_CACHE`` and ``MEBENCH_STATE`` move them.
"""

from __future__ import annotations

import os
import secrets
import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path

import platformdirs

from mebench.errors import MebenchWarning

_SECRET_BYTES = 32


def config_folder() -> Path:
    """Return the folder that remembers where datasets lie."""
    return Path(os.environ.get("MEBENCH_CONFIG") or platformdirs.user_config_dir("mebench", appauthor=False))


def cache_folder() -> Path:
    """Return the folder of features and synthetic twins; everything in it can be made again.

    It is absolute: a notebook may change its folder before it reads from there.
    """
    folder = os.environ.get("MEBENCH_CACHE") or platformdirs.user_cache_dir("mebench", appauthor=False)
    return Path(folder).absolute()


def state_folder() -> Path:
    """Return the folder of the user's secret."""
    folder = os.environ.get("MEBENCH_STATE") or platformdirs.user_state_dir("mebench", appauthor=False)
    return Path(folder).absolute()


def secret() -> bytes:
    """Return 32 random bytes of this user, made once: no model's process can know what they decide.

    Where they cannot be kept, they last as long as this process, and one warning says so.
    """
    return _secret_in(state_folder())


@cache
def _secret_in(folder: Path) -> bytes:
    file = folder / "secret"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_whole(file):
            _make_secret(file)
        found = file.read_bytes()
        if len(found) == _SECRET_BYTES:
            return found
        reason = "it is damaged: remove it"
    except OSError as error:
        reason = error.strerror or str(error)
    warnings.warn(
        f"the secret {file}, which decides the order of test clips, cannot be kept ({reason}); another run would ask "
        "in another order, so that its last digits may differ: let MEBENCH_STATE name a folder that can be written",
        MebenchWarning,
        stacklevel=2,
    )
    return secrets.token_bytes(_SECRET_BYTES)


def _is_whole(file: Path) -> bool:
    with suppress(FileNotFoundError):
        return file.stat().st_size == _SECRET_BYTES
    return False


def _make_secret(file: Path) -> None:
    """Make the file with its content at once; of several processes that do so, the first counts."""
    own = file.with_name(f".secret.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(secrets.token_bytes(_SECRET_BYTES))
        try:
            os.link(own, file)
        except FileExistsError:
            if not _is_whole(file):  # cut short by something that is not mebench
                own.replace(file)
        except OSError:  # a file system without links
            own.replace(file)
    finally:
        own.unlink(missing_ok=True)

"""The two files of a kept model: how they are written, and how the weights are read one by one.

save_fitted(folder, about, model.state())
with KeptWeights(folder / WEIGHTS_FILE) as state:       # name -> array, of which one is in memory at a time
    model.restore(state, context)
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from mebench.errors import MebenchError, first_few
from mebench.files import content_of, disk_errors, to_json, whole_folder
from mebench.regular_files import refuse_irregular

FORMAT = 1
MODEL_FILE = "model.json"
WEIGHTS_FILE = "weights.safetensors"
_MEND = "free some space or choose another folder, then run the same command again"


class _Every(TypedDict):
    format: int
    model: str
    target: str
    settings: dict[str, Any]
    started_from: dict[str, str]
    classes: list[str]
    aus: list[int]
    inputs: dict[str, dict[str, Any]]
    wanted: dict[str, dict[str, Any]]
    device: str
    precision: str
    threads: int
    protocol: str
    manifest: str
    trained_on: int
    fold: str | None
    seed: int
    derived_seed: int
    synthetic: bool
    shuffled_labels: bool
    prepared: dict[str, Any]
    data: list[dict[str, Any]]
    selection: str
    versions: dict[str, str]
    mebench: str
    code: dict[str, str]
    local_code: dict[str, str] | None
    weights: str


class FittedInfo(_Every, total=False):
    """What ``model.json`` holds; docs/fitted.md says what each is for.

    ``epoch`` is there where a rule chose one. ``weights`` is the SHA-256 of the other file.
    """

    epoch: int


def save_fitted(
    folder: Path, about: Mapping[str, Any], state: Mapping[str, np.ndarray], *, replaced: bool = False
) -> None:
    """Write a kept model: the whole of it or nothing.

    Args:
        folder: new or empty; with ``replaced`` it may be another kept model.
        about: a :class:`FittedInfo` without ``format`` and ``weights``.
        state: what the model has learnt.
        replaced: take the place of a kept model.

    Raises:
        MebenchError: something else lies there, the state is no arrays of numbers, or the disk refuses.
    """
    refuse_taken(folder, replaced=replaced)
    arrays = {name: _plain(name, array) for name, array in state.items()}
    with disk_errors(folder, _MEND), ExitStack() as aside, whole_folder(folder) as temporary:
        try:
            save_file(arrays, temporary / WEIGHTS_FILE)
        except SafetensorError as error:
            raise MebenchError(f"cannot write {folder / WEIGHTS_FILE}: {error}; {_MEND}") from error
        weights = content_of(temporary / WEIGHTS_FILE)
        (temporary / MODEL_FILE).write_text(
            to_json({**about, "format": FORMAT, "weights": weights}), encoding="utf-8"
        )
        # safetensors lets nobody but the user read its files, whatever others may.
        (temporary / WEIGHTS_FILE).chmod((temporary / MODEL_FILE).stat().st_mode & 0o777)
        refuse_taken(folder, replaced=replaced)  # again: another process may have been quicker
        aside.enter_context(_set_aside(folder))


def refuse_taken(folder: Path, *, replaced: bool = False) -> None:
    """Raise where a kept model cannot be written to a folder, before anything is fitted for it.

    Raises:
        MebenchError: a file or other files lie there; with ``replaced`` a kept model may.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise MebenchError(f"{folder} is a file: name a folder that does not exist yet")
    found = {each.name for each in folder.iterdir()}
    if others := sorted(found - {MODEL_FILE, WEIGHTS_FILE}):
        raise MebenchError(
            f"{folder} holds other things than a kept model ({first_few(others, most=2)}): name a folder that does not "
            "exist yet"
        )
    if found and not replaced:
        raise MebenchError(
            f"{folder} holds a kept model already: name another folder, or replace it with --force"
        )


class KeptWeights(Mapping[str, np.ndarray]):
    """The arrays of a weights file by name, each read when it is asked for.

    Raises:
        MebenchError: the file is not readable as safetensors.
    """

    def __init__(self, path: Path) -> None:
        try:
            refuse_irregular(path)
            self._file: Any = safe_open(path, framework="numpy")
        except (SafetensorError, OSError) as error:
            raise MebenchError(f"{path} is not readable as safetensors ({error}): restore it") from error
        self._names = frozenset(self._file.keys())

    def __enter__(self) -> KeptWeights:
        self._file.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        array: np.ndarray = self._file.get_tensor(name)
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def _plain(name: str, array: Any) -> np.ndarray:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise MebenchError(f"state() gave {kind} under {name!r}, where an array of numbers is due")
    # Another order of bytes or of axes would be lost.
    return np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)


@contextmanager
def _set_aside(folder: Path) -> Iterator[None]:
    """Move what is to be replaced out of the way while another takes its place, and back where that fails."""
    if not folder.exists() or not any(folder.iterdir()):
        yield
        return
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")  # which the next writer clears
    folder.rename(old)
    try:
        yield
    except BaseException:
        if not folder.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)

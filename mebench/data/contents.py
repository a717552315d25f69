"""What picture files hold, as hashes: a file that did not change is not read again.

    index = ContentIndex(folder / "casme3.contents.npy")
    held = index.read(paths)
    held.hashes[path]        # SHA-256 of the file's bytes
    held.changed()           # the first file that no longer holds what was read, or None

The index remembers a hash with the file's signature (:func:`mebench.files.signature`), which no user can keep when
the bytes change, whatever name, size and time the new ones are given. A file that changed within a tick of the
file system's clock before it was read is not remembered: another change in the same tick would not show.
"""

from __future__ import annotations

import hashlib
import stat
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mebench.data.arrays import load_array
from mebench.data.fetching import read_bytes, state_of
from mebench.errors import MebenchError, MebenchWarning
from mebench.files import Signature, forget_leftovers, settled, signature, write_atomically
from mebench.locks import locked
from mebench.parallel import cores, map_threads

_ROW = np.dtype([("signature", "<i8", (5,)), ("sha256", "u1", (32,))])
_NO_FILE = hashlib.sha256(b"no regular file").digest()

Known = dict[tuple[int, int], tuple[Signature, bytes]]  # device and inode -> the file's last content


@dataclass(frozen=True)
class Held:
    """What files held when they were read: the SHA-256 of each, and the signature that went with it."""

    hashes: dict[Path, bytes]
    signatures: dict[Path, Signature]

    def changed(self) -> Path | None:
        """Return the first file that no longer holds what was read; None where none changed."""
        for path, before in self.signatures.items():
            now = _signature(path)
            # Within a tick of the clock only the bytes can tell.
            if now != before or (not settled(now) and _read(path) != self.hashes[path]):
                return path
        return None


class ContentIndex:
    """The hashes that are remembered in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(
        self, paths: Iterable[Path], progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Held:
        """Return what files hold; those that are not known yet are read, on every core, and remembered.

        Args:
            paths: the files; a name that is a folder holds nothing.
            progress: called with files read and files to read, where any has to be.

        Raises:
            MebenchError: a file cannot be read, or changes while it is, or the disk refuses the index.
        """
        known = self._load()
        signatures = {path: _signature(path) for path in paths}
        hashes: dict[Path, bytes] = {}
        unread: list[Path] = []
        for path, found in signatures.items():
            before = known.get(found[:2])
            if before is not None and before[0] == found:
                hashes[path] = before[1]
            else:
                unread.append(path)
        fresh: Known = {}
        remembered = {path for path in unread if settled(signatures[path])}
        for done, (path, digest) in enumerate(
            zip(unread, map_threads(_read, unread, cores()), strict=True), start=1
        ):
            if _signature(path) != signatures[path]:
                raise changed_meanwhile(path)
            hashes[path] = digest
            if path in remembered:
                fresh[signatures[path][:2]] = (signatures[path], digest)
            progress(done, len(unread))
        if fresh:
            self._remember(fresh)
        return Held(hashes, signatures)

    def _load(self) -> Known:
        try:
            rows = load_array(self.file)
            if rows.dtype != _ROW or rows.ndim != 1:
                raise MebenchError(f"it holds {rows.dtype}")
        except FileNotFoundError:
            return {}
        except MebenchError as error:
            warnings.warn(
                f"{self.file} is damaged ({error}); the pictures are read again", MebenchWarning, stacklevel=2
            )
            return {}
        raw = np.ascontiguousarray(rows["sha256"]).tobytes()
        found: Known = {}
        for place, values in enumerate(rows["signature"].tolist()):
            known: Signature = tuple(values)
            found[known[:2]] = (known, raw[32 * place : 32 * place + 32])
        return found

    def _remember(self, fresh: Known) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if self.file.is_dir():
            raise MebenchError(f"{self.file} is a folder where mebench keeps a file: move it away")
        with locked(self.file.with_name(f"{self.file.name}.lock"), f"{self.file}, which is written"):
            forget_leftovers(self.file)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MebenchWarning)  # it was said once
                known = {**self._load(), **fresh}
            rows = np.zeros(len(known), _ROW)
            rows["signature"] = [found for found, _ in known.values()]
            rows["sha256"] = np.frombuffer(b"".join(d for _, d in known.values()), np.uint8).reshape(-1, 32)
            write_atomically(self.file, _npy(rows))


def changed_meanwhile(path: Path) -> MebenchError:
    """Return what to say of a file that changed while it was used."""
    return MebenchError(
        f"{path} changed while it was read: run the same command again once nothing writes there"
    )


def _npy(rows: np.ndarray) -> bytes:
    import io

    buffer = io.BytesIO()
    np.save(buffer, rows)
    return buffer.getvalue()


def _signature(path: Path) -> Signature:
    return signature(state_of(path))


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(state_of(path).st_mode):
        return _NO_FILE
    return hashlib.sha256(read_bytes(path)).digest()

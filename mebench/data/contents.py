"""What picture files hold, as hashes: a file that did not change is not read again.

    held = ContentIndex(folder / "casme3.contents.npy").look(paths)
    held.read(some)              # or held.content(path), of a file whose bytes are wanted anyway
    held.hashes[path]            # SHA-256 of the file's bytes
    held.changed(some)           # the first file that no longer holds what was read, or None

The index remembers a hash with the file's signature (:func:`mebench.files.signature`), which no user can keep when
the bytes change, whatever name, size and time the new ones are given. A file that changed within a tick of the
file system's clock before it was read is not remembered: another change in the same tick would not show.
"""

from __future__ import annotations

import hashlib
import stat
import warnings
from collections.abc import Callable, Iterable
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

# Files to a job of a thread: one each would take longer to hand out than to read.
_BATCH = 16

Known = dict[tuple[int, int], tuple[Signature, bytes]]  # device and inode -> the file's last content


class Held:
    """What files hold, as far as it was asked for: each is looked at once, and read where it is not known.

    ``hashes`` are the SHA-256 of those that are known. A name that is a folder holds nothing.
    """

    def __init__(self, index: ContentIndex, paths: Iterable[Path]) -> None:
        self._index = index
        self._signatures = {path: _signature(path) for path in paths}
        known = index.known()
        self.hashes: dict[Path, bytes] = {}
        for path, found in self._signatures.items():
            before = known.get(found[:2])
            if before is not None and before[0] == found:
                self.hashes[path] = before[1]
        # Of those read here; the others may change unnoticed.
        self._fresh: Known = {}
        self._trusted = {path for path, found in self._signatures.items() if settled(found)}

    def read(
        self, paths: Iterable[Path], progress: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Read those files that are not known yet, on every core, and remember what they hold.

        Args:
            paths: among those that were looked at.
            progress: called with files read and files to read, where any has to be.

        Raises:
            MebenchError: a file cannot be read, or changes while it is, or the disk refuses the index.
        """
        unread = [path for path in dict.fromkeys(paths) if path not in self.hashes]
        batches = [unread[place : place + _BATCH] for place in range(0, len(unread), _BATCH)]
        done = 0
        for batch, digests in zip(batches, map_threads(_read_all, batches, cores()), strict=True):
            for path, digest in zip(batch, digests, strict=True):
                self._found(path, digest)
                done += 1
                progress(done, len(unread))
        self.remember()

    def content(self, path: Path) -> bytes:
        """Return the bytes of a file that was looked at, whose hash is known from now on.

        Raises:
            MebenchError: it cannot be read, or is another by now.
        """
        content = read_bytes(path)
        if path not in self.hashes:
            self._found(path, hashlib.sha256(content).digest())
        return content

    def remember(self) -> None:
        """Write what was read here into the index.

        Raises:
            MebenchError: the disk refuses.
        """
        if self._fresh:
            self._index.add(self._fresh)
            self._fresh = {}

    def changed(self, paths: Iterable[Path]) -> Path | None:
        """Return the first of some known files that no longer holds what was read; None where none changed."""
        for path in paths:
            now = _signature(path)
            # Within a tick of the clock only the bytes can tell.
            if now != self._signatures[path] or (not settled(now) and _read(path) != self.hashes[path]):
                return path
        return None

    def _found(self, path: Path, digest: bytes) -> None:
        found = self._signatures[path]
        if _signature(path) != found:
            raise changed_meanwhile(path)
        self.hashes[path] = digest
        if path in self._trusted:
            self._fresh[found[:2]] = (found, digest)


class ContentIndex:
    """The hashes that are remembered in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def look(self, paths: Iterable[Path]) -> Held:
        """Return what is known of files, none of which is read yet.

        Raises:
            UnreachableError: the system cannot tell of one.
        """
        return Held(self, paths)

    def known(self) -> Known:
        """Return what is remembered; nothing, with a warning, of a damaged file."""
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

    def add(self, fresh: Known) -> None:
        """Remember more.

        Raises:
            MebenchError: the disk refuses.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if self.file.is_dir():
            raise MebenchError(f"{self.file} is a folder where mebench keeps a file: move it away")
        with locked(self.file.with_name(f"{self.file.name}.lock"), f"{self.file}, which is written"):
            forget_leftovers(self.file)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MebenchWarning)  # it was said once
                known = {**self.known(), **fresh}
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


def _read_all(paths: list[Path]) -> list[bytes]:
    return [_read(path) for path in paths]

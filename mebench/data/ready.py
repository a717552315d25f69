"""Datasets that consist of ready inputs: no recordings, but what somebody computed of each clip, one picture a clip.

    class Flow(ReadyDataset):
        name = "megc2019-flow"
        lists = ("combined_3class_gt",)
        folders = ("STSNet_whole_norm_u_v_os", "datasets/STSNet_whole_norm_u_v_os")
        size, mode = (28, 28), "RGB"
        holds = "flow pictures (u, v, strain)"

        def read_as(self, wanted):
            return FlowFiles(wanted.size) if type(wanted) is FlowPicture else None

    registry.dataset("megc2019-flow", "mypackage:Flow", title="...", stands_in=("megc2019",))

Such a dataset stands in for all datasets of a protocol. Clips and labels come from a list, as
:func:`mebench.cohort.lists.read_list` reads it; a model's inputs are replaced by those that read the pictures
(:mod:`mebench.features.ready`).
"""

from __future__ import annotations

import hashlib
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from mebench.data.annotation_files import ENDINGS, fits, stem_of
from mebench.data.clips.layout import PICTURE_SUFFIXES
from mebench.data.clips.names import bare_name, plain_name
from mebench.data.clutter import is_left_behind
from mebench.data.fetching import list_folder, read_bytes
from mebench.data.links import reading_below, refuse_leaving
from mebench.data.pictures import DAMAGE, open_picture
from mebench.errors import MebenchError, MebenchWarning, first_few


class ReadyDataset(ABC):
    """Ready pictures of the clips of a protocol, as their publisher names them.

    Attributes:
        name: the registered name.
        lists: patterns of the name of the list of clips and labels, without its ending.
        folders: folders below the one that the user gives in which the pictures may lie, beside itself.
        size: width and height of every picture.
        mode: Pillow's name of every picture's kind: ``RGB`` or ``L``.
        holds: what the pictures show, for messages: "flow pictures (...)".
        known: what was found out of them, for ``mebench info``.
        unknown: what nobody says and cannot be seen.
    """

    name: ClassVar[str]
    lists: ClassVar[tuple[str, ...]]
    folders: ClassVar[tuple[str, ...]] = ()
    size: ClassVar[tuple[int, int]]
    mode: ClassVar[str] = "RGB"
    holds: ClassVar[str]
    known: ClassVar[tuple[str, ...]] = ()
    unknown: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def read_as(self, wanted: Any) -> Any | None:
        """Return the :class:`mebench.api.ReadyInput` that reads what an input would compute; None where none can."""

    def file_stem(self, subject: str, clip: str) -> str:
        """Return how a clip's picture is called, without its ending.

        Neither case counts, nor blanks around it, nor zeros before a number.
        """
        return f"{subject}_{clip}"

    def why_not(self, wanted: Any) -> str:
        """Return why an input cannot be made of the pictures, for a message; empty where it goes without saying."""
        return ""

    def doubts(self, pictures: Mapping[str, np.ndarray]) -> Sequence[str]:
        """Return what speaks against the pictures' being what :attr:`holds` says, for ``data check``.

        ``pictures`` maps a clip's key to uint8 (H, W) or (H, W, C).
        """
        return ()


@dataclass(frozen=True)
class ReadyFiles:
    """The pictures of a list's clips: clip key -> file, and the SHA-256 of each in the same order.

    ``unused`` counts the pictures that no clip of the list has.
    """

    dataset: ReadyDataset
    folder: Path
    files: Mapping[str, Path]
    hashes: tuple[str, ...]
    unused: int = 0

    @property
    def sha256(self) -> str:
        """Return the hash of all pictures: of their clips and bytes, whatever the files are called."""
        lines = sorted(f"{key}\t{digest}\n" for key, digest in zip(self.files, self.hashes, strict=True))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def pictures(self) -> dict[str, np.ndarray]:
        """Return clip key -> its picture, uint8 (H, W, C)."""
        return {key: np.asarray(_opened(path, read_bytes(path))) for key, path in self.files.items()}


def find_list(dataset: ReadyDataset, root: Path) -> Path:
    """Return the list of clips that lies beside or above the pictures.

    Raises:
        MebenchError: there is none, or there are several with different bytes.
    """
    _refuse_missing(dataset, root)
    with reading_below(root):
        return _found_list(dataset, root)


def _found_list(dataset: ReadyDataset, root: Path) -> Path:
    places = [root, *(root / place for place in dataset.folders)]
    found = [
        place / name
        for place in places
        if place.is_dir()
        for name, is_folder in sorted(list_folder(place).items())
        if not is_folder and fits(name, dataset.lists) is not None
    ]
    for path in found:
        refuse_leaving(path)
    contents = {hashlib.sha256(read_bytes(path)).hexdigest(): path for path in reversed(found)}
    if len(contents) > 1:
        raise MebenchError(
            f"{first_few(contents.values())} could each be the list of {dataset.name}, and they differ: name the one "
            "that counts with --annotations FILE"
        )
    if not found:
        names = " or ".join(stem_of(pattern) + ENDINGS[-1] for pattern in dataset.lists)
        raise MebenchError(
            f"{root} holds no list of {dataset.name}'s clips and labels ({names}): put it there, or name it with "
            "--annotations FILE"
        )
    return found[0]


def find_pictures(dataset: ReadyDataset, root: Path, clips: Iterable[tuple[str, str, str]]) -> ReadyFiles:
    """Return the pictures of clips, each of them looked at.

    Args:
        dataset: says how they are called and what they must be.
        root: the folder that the user gives; a folder of the dataset's ``folders`` below it counts before itself.
        clips: key, subject and name of each clip.

    Raises:
        MebenchError: a clip has no picture, or two; one is damaged, or of another size or kind than it should be.
    """
    folder, lying = _lying(dataset, root)
    files: dict[str, Path] = {}
    missing: list[tuple[str, str]] = []
    for key, subject, clip in clips:
        # Some lists name a clip by its video's file.
        stem = dataset.file_stem(subject, bare_name(clip))
        found = lying.get(plain_name(stem), [])
        if len(found) > 1:
            raise MebenchError(
                f"{folder} has {len(found)} pictures of {key} ({first_few(repr(p.name) for p in found)}): take away "
                "all but the right one"
            )
        if found:
            files[key] = found[0]
        else:
            missing.append((key, stem))
    if missing:
        key, stem = missing[0]
        more = f" (and {len(missing) - 1} more like it)" if len(missing) > 1 else ""
        raise MebenchError(
            f"{folder} has no picture of {key}, {stem}.png{more}: give the whole folder as it was published"
        )
    with reading_below(root):
        for path in files.values():
            refuse_leaving(path)
    hashes = []
    for path in files.values():
        content = read_bytes(path)
        _refuse_other_kind(dataset, path, _opened(path, content))
        hashes.append(hashlib.sha256(content).hexdigest())
    unused = sum(map(len, lying.values())) - len(files)
    return ReadyFiles(dataset, folder, files, tuple(hashes), unused)


def warn_of_unused(found: ReadyFiles) -> None:
    """Warn of pictures that belong to no clip of the list."""
    if found.unused:
        warnings.warn(
            f"{found.folder} holds {found.unused} picture(s) of no clip on the list, which are not used",
            MebenchWarning,
            stacklevel=2,
        )


def _lying(dataset: ReadyDataset, root: Path) -> tuple[Path, dict[str, list[Path]]]:
    """Return the folder of pictures, and folded stem -> its files of that name."""
    _refuse_missing(dataset, root)
    for folder in (*(root / place for place in dataset.folders), root):
        if not folder.is_dir():
            continue
        lying: dict[str, list[Path]] = {}
        for name, is_folder in sorted(list_folder(folder).items()):
            stem, _, ending = name.rpartition(".")
            if not is_folder and ending.casefold() in PICTURE_SUFFIXES and not is_left_behind(name):
                lying.setdefault(plain_name(stem), []).append(folder / name)
        if lying:
            return folder, lying
    below = "".join(f", nor does {place} below it" for place in dataset.folders[:1])
    raise MebenchError(f"{root} holds no picture of {dataset.name}{below}: give the folder that holds them")


def _refuse_missing(dataset: ReadyDataset, root: Path) -> None:
    if not root.is_dir():
        raise MebenchError(
            f"the {dataset.name} folder {root} does not exist: give the folder that holds the pictures"
        )


def _opened(path: Path, content: bytes) -> Image.Image:
    try:
        picture: Image.Image = open_picture(path, content)
        picture.load()
    except DAMAGE as error:
        raise MebenchError(f"{path} is no whole picture ({error}): fetch it again") from error
    return picture


def _refuse_other_kind(dataset: ReadyDataset, path: Path, picture: Image.Image) -> None:
    if (picture.size, picture.mode) != (dataset.size, dataset.mode):
        width, height = picture.size
        raise MebenchError(
            f"{path} is a picture of {width} x {height} in the mode {picture.mode}, where {dataset.name} has "
            f"{dataset.size[0]} x {dataset.size[1]} in {dataset.mode}: fetch it again as it was published"
        )

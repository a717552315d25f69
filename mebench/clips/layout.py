"""Where a clip's frames lie: one template that reads an owner's folders and writes a twin's.

    layout = FrameLayout("part_A/data/part_A/{subject}/{clip}/color/{frame}.jpg")
    layout.path(root, "spNO.1", "b", 166)                  # for writing
    layout.frames(root, "spNO.1", "b").between(166, 179)   # for reading: numbers and paths, sorted

Folder names are matched without regard to case, frame numbers by value (so padding does not matter), and
files of another shape are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

_PICTURE_SUFFIXES = ("jpg", "jpeg", "png", "bmp")


@dataclass(frozen=True)
class FrameList:
    """Frames on disk, sorted by number; ``numbers[i]`` is the frame in ``paths[i]``."""

    numbers: tuple[int, ...] = ()
    paths: tuple[Path, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def between(self, first: int, last: int) -> FrameList:
        """Return the frames with ``first <= number <= last``."""
        window = slice(bisect_left(self.numbers, first), bisect_right(self.numbers, last))
        return FrameList(self.numbers[window], self.paths[window])


@dataclass(frozen=True)
class FrameLayout:
    """A path template with ``{subject}``, ``{clip}`` and ``{frame}``.

    ``numbered_repeats`` also reads the folders ``<clip>2``, ``<clip>3``, ... into which some tools split
    the expressions of one recording.
    """

    template: str
    numbered_repeats: bool = False

    def path(self, root: Path, subject: str, clip: str, frame: int) -> Path:
        """Return where a frame is written."""
        return root / self.template.format(subject=subject, clip=clip, frame=frame)

    def holds_any(self, root: Path, subjects: set[str]) -> bool:
        """Tell whether the folder of any of the subjects exists in this layout."""
        parts = PurePosixPath(self.template).parts
        depth = next(i for i, part in enumerate(parts) if "{subject}" in part)
        folder = _descend(root, parts[:depth])
        if folder is None:
            return False
        wanted = {parts[depth].format(subject=s, clip="", frame=0).casefold() for s in subjects}
        return not wanted.isdisjoint(_children(folder))

    def frames(self, root: Path, subject: str, clip: str) -> FrameList:
        """Return every frame of a recording that lies on disk."""
        found: dict[int, Path] = {}
        for name in self._clip_names(root, subject, clip):
            parts = [
                p.format(subject=subject, clip=name, frame=0) for p in PurePosixPath(self.template).parts[:-1]
            ]
            folder = _descend(root, parts)
            if folder is None:
                continue
            pattern = self._file_pattern(subject, name)
            for file in _children(folder).values():
                if match := pattern.fullmatch(file):
                    found.setdefault(int(match[1]), folder / file)
        numbers = tuple(sorted(found))
        return FrameList(numbers, tuple(found[n] for n in numbers))

    def _clip_names(self, root: Path, subject: str, clip: str) -> list[str]:
        if not self.numbered_repeats:
            return [clip]
        parts = PurePosixPath(self.template).parts
        depth = next(i for i, part in enumerate(parts) if "{clip}" in part)
        folder = _descend(root, [p.format(subject=subject, clip=clip, frame=0) for p in parts[:depth]])
        siblings = _children(folder) if folder else {}
        repeat = re.compile(re.escape(clip.casefold()) + r"\d+")
        return [clip, *sorted(name for folded, name in siblings.items() if repeat.fullmatch(folded))]

    def _file_pattern(self, subject: str, clip: str) -> re.Pattern[str]:
        stem = PurePosixPath(self._file_name).stem
        before, _, after = re.sub(r"\{frame[^}]*\}", "\0", stem).partition("\0")
        literal = [re.escape(part.format(subject=subject, clip=clip)) for part in (before, after)]
        suffix = "|".join(_PICTURE_SUFFIXES)
        return re.compile(rf"{literal[0]}(\d+){literal[1]}\.(?:{suffix})", re.IGNORECASE)

    @cached_property
    def _file_name(self) -> str:
        return PurePosixPath(self.template).name


def forget_folders() -> None:
    """Forget the folder listings remembered by this process (they are read once, for speed)."""
    _children.cache_clear()


def _descend(root: Path, parts: list[str] | tuple[str, ...]) -> Path | None:
    folder = root
    for part in parts:
        name = _children(folder).get(part.casefold())
        if name is None:
            return None
        folder = folder / name
    return folder


@lru_cache(maxsize=4096)
def _children(folder: Path) -> dict[str, str]:
    """Return case-folded name -> name of what a folder holds; nothing where it cannot be read."""
    try:
        return {name.casefold(): name for name in sorted(child.name for child in folder.iterdir())}
    except OSError:
        return {}

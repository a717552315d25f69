"""Where a clip's frames lie: one template that reads an owner's folders and writes a twin's.

    layout = FrameLayout("part_A/data/part_A/{subject}/{clip}/color/{frame}.jpg")
    layout.path(root, clip, 166)                       # for writing
    layout.frames(root, clip).between(166, 179)        # for reading: numbers and paths, sorted

Folder names are matched without regard to case, frame numbers by value (so padding does not matter), and
files of another shape are passed over. A folder that the system cannot list is an error, never an empty one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from string import Formatter

from mebench.data.clips.table import ClipRow
from mebench.data.fetching import list_folder

PICTURE_SUFFIXES = ("jpg", "jpeg", "png", "bmp")


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
    """A path template with ``{frame}`` and any of ``{subject}``, ``{clip}``, ``{emotion}`` and ``{part}``.

    ``numbered_repeats`` also reads the folders ``<clip>2``, ``<clip>3``, ... into which some tools split
    the expressions of one recording. ``emotion_folders`` gives other names under which an emotion's folder
    may go. ``numbers_by_value`` reads folders whose names differ from a clip's only in zeros before a number
    (``s01_ne_01`` for ``s1_ne_01``). ``other_files`` are other names of a frame's file, for releases that mix
    them.
    """

    template: str
    numbered_repeats: bool = False
    emotion_folders: tuple[tuple[str, str], ...] = ()
    numbers_by_value: bool = False
    other_files: tuple[str, ...] = ()

    def path(self, root: Path, clip: ClipRow, frame: int) -> Path:
        """Return where a frame is written."""
        return root / self.template.format(frame=frame, **_names(clip))

    def holds_any(self, root: Path, clips: Iterable[ClipRow]) -> bool:
        """Tell whether any of the clips has a frame in this layout."""
        return any(self.frames(root, clip) for clip in clips)

    def frames(self, root: Path, clip: ClipRow) -> FrameList:
        """Return every frame of a clip's recording that lies on disk."""
        return self._frame_list(self._folders(root, clip))

    def recordings(self, root: Path) -> Iterator[tuple[dict[str, str], FrameList]]:
        """Yield every recording's folder on disk: the names in its path, as spelled there, and its frames.

        For databases whose folders are their annotation. The names are those of the template's fields.
        """
        for folder, names in _matches(root, self._parts[:-1], {}):
            if folder.is_dir():
                yield names, self._frame_list([(folder, names)])

    def _frame_list(self, folders: Iterable[tuple[Path, dict[str, str]]]) -> FrameList:
        found: dict[int, Path] = {}
        for folder, names in folders:
            for name in (self._parts[-1], *self.other_files):
                pattern = _file_pattern(name, names)
                for file in _children(folder).values():
                    if (match := pattern.fullmatch(file)) and not _holds_folder(folder, file):
                        found.setdefault(int(match[1]), folder / file)
        numbers = tuple(sorted(found))
        return FrameList(numbers, tuple(found[n] for n in numbers))

    def _folders(self, root: Path, clip: ClipRow) -> Iterator[tuple[Path, dict[str, str]]]:
        """Yield the existing folders of a clip, each with the names that stand in its path."""
        for emotion in (clip.emotion, *(other for own, other in self.emotion_folders if own == clip.emotion)):
            names = {**_names(clip), "emotion": emotion}
            for name in self._clip_names(root, names):
                these = {**names, "clip": name}
                folder = self._descend(root, [part.format(frame=0, **these) for part in self._parts[:-1]])
                if folder is not None:
                    yield folder, these

    def _clip_names(self, root: Path, names: dict[str, str]) -> list[str]:
        clip = names["clip"]
        if not self.numbered_repeats:
            return [clip]
        depth = next(i for i, part in enumerate(self._parts) if "{clip}" in part)
        folder = self._descend(root, [part.format(frame=0, **names) for part in self._parts[:depth]])
        siblings = _children(folder) if folder else {}
        repeat = re.compile(re.escape(clip.casefold()) + r"\d+")
        return [clip, *sorted(name for folded, name in siblings.items() if repeat.fullmatch(folded))]

    def _descend(self, root: Path, parts: Sequence[str]) -> Path | None:
        folder = root
        for part in parts:
            children = _children(folder)
            name = children.get(part.casefold())
            if name is None and self.numbers_by_value:
                wanted = _without_zeros(part)
                name = next((child for child in children.values() if _without_zeros(child) == wanted), None)
            if name is None:
                return None
            folder = folder / name
        return folder

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.template).parts


def _names(clip: ClipRow) -> dict[str, str]:
    return {"subject": clip.subject, "clip": clip.clip, "emotion": clip.emotion, "part": clip.part}


def forget_folders() -> None:
    """Forget the folder listings remembered by this process (they are read once, for speed)."""
    _listed.cache_clear()


def _matches(
    folder: Path, parts: Sequence[str], names: dict[str, str]
) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the paths below a folder that have the shape of a template's parts, and what its fields are there."""
    if not parts:
        yield folder, names
        return
    fields = Formatter().parse(parts[0])
    shape = "".join(re.escape(text) + (f"(?P<{field}>.+)" if field else "") for text, field, *_ in fields)
    for name in _children(folder).values():
        if match := re.fullmatch(shape, name, re.IGNORECASE):
            yield from _matches(folder / name, parts[1:], names | match.groupdict())


def _file_pattern(name: str, names: dict[str, str]) -> re.Pattern[str]:
    stem = PurePosixPath(name).stem
    before, _, after = re.sub(r"\{frame[^}]*\}", "\0", stem).partition("\0")
    literal = [re.escape(part.format(**names)) for part in (before, after)]
    suffix = "|".join(PICTURE_SUFFIXES)
    return re.compile(rf"{literal[0]}(\d+){literal[1]}\.(?:{suffix})", re.IGNORECASE)


def _without_zeros(name: str) -> str:
    return re.sub(r"0*(\d+)", r"\1", name.casefold())


def _children(folder: Path) -> dict[str, str]:
    """Return case-folded name -> name of what a folder holds; nothing where there is no such folder."""
    return _listed(folder)[0]


def _holds_folder(folder: Path, name: str) -> bool:
    """Tell whether what a folder holds under a name is a folder itself: never a frame, whatever its name."""
    return name in _listed(folder)[1]


@lru_cache(maxsize=4096)
def _listed(folder: Path) -> tuple[dict[str, str], frozenset[str]]:
    names = list_folder(folder)
    folders = frozenset(name for name, is_folder in names.items() if is_folder)
    return {name.casefold(): name for name in sorted(names)}, folders

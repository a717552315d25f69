"""Where a clip's frames lie: one template that reads an owner's folders and writes a twin's.

    layout = FrameLayout("part_A/data/part_A/{subject}/{clip}/color/{frame}.jpg")
    layout.path(root, clip, 166)                       # for writing
    layout.frames(root, clip).between(166, 179)        # for reading: numbers and paths, sorted

Folder names are matched without regard to case, frame numbers by value (so padding does not matter), and
files of another shape are passed over. A folder that the system cannot list is an error, never an empty one; so is a
link that leaves the dataset's folder (:mod:`mebench.data.links`). What lies there twice is used once and told
(:class:`FrameList`).
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
from mebench.data.clutter import is_clutter
from mebench.data.fetching import list_entries
from mebench.data.links import refuse_leaving
from mebench.errors import MebenchError
from mebench.safe_names import part_of_path

PICTURE_SUFFIXES = ("jpg", "jpeg", "png", "bmp")


@dataclass(frozen=True)
class FrameList:
    """Frames on disk, sorted by number; ``numbers[i]`` is the frame in ``paths[i]``.

    Of a whole recording, ``twice`` pairs a frame that is used with another file of the same number, and
    ``beside`` holds folders whose names fit too, if less well than those used.
    """

    numbers: tuple[int, ...] = ()
    paths: tuple[Path, ...] = ()
    twice: tuple[tuple[Path, Path], ...] = ()
    beside: tuple[Path, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def between(self, first: int, last: int) -> FrameList:
        """Return the frames with ``first <= number <= last``."""
        window = slice(bisect_left(self.numbers, first), bisect_right(self.numbers, last))
        return FrameList(self.numbers[window], self.paths[window])


@dataclass(frozen=True)
class Recording:
    """A recording's folder as it is found on disk: the names in its path, as spelled there, and its frames.

    ``strays`` are files that are numbered too, but called otherwise than most.
    """

    folder: Path
    names: dict[str, str]
    frames: FrameList
    strays: tuple[Path, ...]


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
        """Return where a frame is written.

        Raises:
            MebenchError: a name of the clip cannot be that of a folder, which would be one elsewhere.
        """
        names, where = _names(clip), f"{clip.key} (row {clip.row}): the name"
        return root.joinpath(
            *(part_of_path(part.format(frame=frame, **names), where) for part in self._parts)
        )

    def first_frames(self, root: Path, clips: Iterable[ClipRow]) -> FrameList:
        """Return the frames of the first clip that has any in this layout; none where no clip has."""
        return next((frames for clip in clips if (frames := self.frames(root, clip))), FrameList())

    def frames(self, root: Path, clip: ClipRow) -> FrameList:
        """Return every frame of a clip's recording that lies on disk.

        Raises:
            MebenchError: two folders fit the clip's names equally well.
        """
        beside: list[Path] = []
        found: dict[int, Path] = {}
        twice: list[tuple[Path, Path]] = []
        for folder, names in self._folders(root, clip, beside):
            for name in (self._parts[-1], *self.other_files):
                for number, path in _numbered(folder, name, names):
                    if found.setdefault(number, path) != path:
                        twice.append((found[number], path))
        return _sorted(found, tuple(dict.fromkeys(twice)), tuple(dict.fromkeys(beside)))

    def recordings(self, root: Path) -> tuple[list[Recording], list[Path]]:
        """Return every recording on disk, and the folders that are none: copies and what systems leave behind.

        For databases whose folders are their annotation. The names are those of the template's fields. Of
        files that are called in several ways, those count that are most.
        """
        left_out: list[Path] = []
        found = []
        for folder, names in _matches(root, self._parts[:-1], {}, left_out):
            ways = [dict(_numbered(folder, name, names)) for name in (self._parts[-1], *self.other_files)]
            frames = max(ways, key=len)
            every = {path for way in ways for path in way.values()}
            strays = sorted(every - set(frames.values()))
            found.append(Recording(folder, names, _sorted(frames), tuple(strays)))
        return found, left_out

    def _folders(
        self, root: Path, clip: ClipRow, beside: list[Path]
    ) -> Iterator[tuple[Path, dict[str, str]]]:
        """Yield the existing folders of a clip, each with the names that stand in its path."""
        for emotion in (clip.emotion, *(other for own, other in self.emotion_folders if own == clip.emotion)):
            names = {**_names(clip), "emotion": emotion}
            for name in self._clip_names(root, names):
                these = {**names, "clip": name}
                parts = [part.format(frame=0, **these) for part in self._parts[:-1]]
                folder = self._descend(root, parts, beside)
                if folder is not None:
                    yield folder, these

    def _clip_names(self, root: Path, names: dict[str, str]) -> list[str]:
        clip = names["clip"]
        if not self.numbered_repeats:
            return [clip]
        depth = next(i for i, part in enumerate(self._parts) if "{clip}" in part)
        folder = self._descend(root, [part.format(frame=0, **names) for part in self._parts[:depth]], [])
        siblings = _children(folder) if folder else {}
        repeat = re.compile(re.escape(clip.casefold()) + r"\d+")
        repeats = (names for folded, names in siblings.items() if repeat.fullmatch(folded))
        return [clip, *sorted(name for names in repeats for name in names)]

    def _descend(self, root: Path, parts: Sequence[str], beside: list[Path]) -> Path | None:
        """Return the folder below a root that has these names; what has them less exactly goes to ``beside``."""
        folder = root
        for part in parts:
            children = _children(folder)
            alike = children.get(part.casefold(), ())
            if self.numbers_by_value:
                wanted = _without_zeros(part)
                by_value = (names for folded, names in children.items() if _without_zeros(folded) == wanted)
                alike = (*alike, *(name for names in by_value for name in names if name not in alike))
            if not alike:
                return None
            best = min(_likeness(name, part) for name in alike)
            name, *rivals = (name for name in alike if _likeness(name, part) == best)
            if rivals:
                raise MebenchError(
                    f"{folder / name} and {folder / rivals[0]} could both be the folder {part!r}: rename or remove "
                    "the one that does not count"
                )
            beside += (folder / other for other in alike if other != name)
            if name in _listed(folder)[2]:
                refuse_leaving(folder / name)
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


def _sorted(
    found: dict[int, Path], twice: tuple[tuple[Path, Path], ...] = (), beside: tuple[Path, ...] = ()
) -> FrameList:
    numbers = tuple(sorted(found))
    return FrameList(numbers, tuple(found[n] for n in numbers), twice, beside)


def _matches(
    folder: Path, parts: Sequence[str], names: dict[str, str], left_out: list[Path]
) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the folders below one that have the shape of a template's parts, and what its fields are there.

    Folders of that shape that are no data go to ``left_out``.
    """
    if not parts:
        yield folder, names
        return
    fields = Formatter().parse(parts[0])
    shape = "".join(re.escape(text) + (f"(?P<{field}>.+)" if field else "") for text, field, *_ in fields)
    for name in _names_in(folder, folders=True):
        match = re.fullmatch(shape, name, re.IGNORECASE)
        if not match:
            continue
        if is_clutter(name):
            left_out.append(folder / name)
        else:
            if name in _listed(folder)[2]:
                refuse_leaving(folder / name)
            yield from _matches(folder / name, parts[1:], names | match.groupdict(), left_out)


def _numbered(folder: Path, name: str, names: dict[str, str]) -> Iterator[tuple[int, Path]]:
    """Yield number and path of each file in a folder that is called as a template's last part says."""
    pattern = _file_pattern(name, names)
    for file in _names_in(folder, folders=False):
        if match := pattern.fullmatch(file):
            if file in _listed(folder)[2]:
                refuse_leaving(folder / file)
            yield int(match[1]), folder / file


def _file_pattern(name: str, names: dict[str, str]) -> re.Pattern[str]:
    stem = PurePosixPath(name).stem
    before, _, after = re.sub(r"\{frame[^}]*\}", "\0", stem).partition("\0")
    literal = [re.escape(part.format(**names)) for part in (before, after)]
    suffix = "|".join(PICTURE_SUFFIXES)
    return re.compile(rf"{literal[0]}(\d+){literal[1]}\.(?:{suffix})", re.IGNORECASE)


def _without_zeros(name: str) -> str:
    return re.sub(r"0*(\d+)", r"\1", name.casefold())


def _likeness(name: str, wanted: str) -> int:
    """Return 0 for the very name, 1 for one in other letter case, 2 for one with other zeros."""
    return 0 if name == wanted else 1 if name.casefold() == wanted.casefold() else 2


def _children(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return case-folded name -> names of what a folder holds; nothing where there is no such folder."""
    return _listed(folder)[0]


def _names_in(folder: Path, *, folders: bool) -> Iterator[str]:
    """Yield the names of the folders in a folder, or those of what else it holds: a folder is never a frame."""
    children, inner, _ = _listed(folder)
    names = (name for names in children.values() for name in names)
    # A link that leads nowhere may have been a folder: whoever lists it is told.
    return (
        name for name in names if (name in inner or (folders and (folder / name).is_symlink())) == folders
    )


@lru_cache(maxsize=4096)
def _listed(folder: Path) -> tuple[dict[str, tuple[str, ...]], frozenset[str], frozenset[str]]:
    """Return case-folded name -> names of what a folder holds; which of them are folders, and which links."""
    found: dict[str, tuple[str, ...]] = {}
    names = list_entries(folder)
    for name in sorted(names):
        found[name.casefold()] = (*found.get(name.casefold(), ()), name)
    folders = frozenset(name for name, entry in names.items() if entry.is_folder)
    return found, folders, frozenset(name for name, entry in names.items() if entry.is_link)

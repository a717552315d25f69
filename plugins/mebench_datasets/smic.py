"""SMIC (Li et al. 2013, doi:10.1109/FG.2013.6553717): one database, three cameras, three datasets.

``smic-hs`` was filmed at 100 fps; ``smic-vis`` and ``smic-nir`` (near infrared, grey) at 25 fps. The release of
clips has no annotation file: subject, class and clip are the names of folders, as in
``SMIC_all_raw/HS/s1/micro/negative/s1_ne_01/image559740.bmp``, a clip goes from the first frame in its folder to
the last, and ``row`` counts the folders. Where a workbook of the long version is found or named, it is the
annotation instead (:mod:`mebench_datasets.smic_long`). In both the apex is taken in the middle and action units
are not known. Where class and clip's name contradict each other (``s18_sur_03`` is ``negative`` in both workbooks of
the long version, and surprise in the release of clips), the annotation's word counts and a remark says so.

Releases and copies disagree about zeros in names (``s1_ne_01``, ``s01_ne_01``, ``s03/.../s3_ne_03``). Clip tables
have the release's names whatever the folders are called; lists published with other spellings are joined on
:func:`release_name`:

    release_name("s01_ne_01")       # s1_ne_01
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mebench.api import Dataset, Edition, FrameLayout, MebenchError, Remark, TwinRecipe, make_clip_table
from mebench.data.clips.layout import Recording
from mebench.data.clips.table import cell_text
from mebench.errors import MebenchWarning, first_few
from mebench_datasets.smic_long import annotation_patterns, annotation_places, long_layouts, read_expressions

if TYPE_CHECKING:
    import pandas as pd

_FOLDERS = "{subject}/micro/{emotion}/{clip}/"
_FILES = ("reg_image{frame}", "image{frame}", "{frame}")
_EMOTION_CODES = {"negative": "ne", "positive": "po", "surprise": "sur"}


def release_name(name: str) -> str:
    """Return a subject's or clip's name as the release spells it: ``s`` and a number without zeros before it.

    ``s01``, ``S1`` and ``1`` are ``s1``; ``s01_ne_01`` is ``s1_ne_01``. Names of another shape stay as they are.
    """
    match = re.fullmatch(r"s?(\d{1,9})(_.+)?", name.strip(), re.IGNORECASE)
    return f"s{int(match[1])}{(match[2] or '').lower()}" if match else name


class Smic(Dataset):
    """What the three cameras share; a subclass says which one it is, and what its clips are like.

    ``digits`` is the number of digits of a frame's number in its file's name; ``frames`` and ``first_frame`` are
    those of its twins.
    ``folder_layouts`` are those of the release whose folders are its annotation.
    """

    editions = (Edition("clips"), Edition("SMIC-E"))
    camera: ClassVar[str]
    fps: ClassVar[float]
    digits: ClassVar[int]
    folder_layouts: ClassVar[tuple[FrameLayout, ...]]

    def __init_subclass__(cls, *, frames: tuple[int, int], first_frame: int) -> None:
        cls.annotation_files = annotation_patterns(cls.camera)
        cls.annotation_folders = annotation_places(cls.camera)
        cls.folder_layouts = _layouts(cls.camera, cls.digits)
        cls.layouts = (*cls.folder_layouts, *long_layouts(cls.camera, cls.digits))
        cls.twin = _twin(cls.fps, frames, first_frame)

    def find_annotation(self, root: Path) -> Path:
        """Return the workbook of the long version, or ``root`` itself where the folders are the annotation."""
        if root.is_dir() and not self.annotation_tables(root):
            return root
        path = super().find_annotation(root)
        if clips := next((r.folder for each in self.folder_layouts for r in each.recordings(root)[0]), None):
            warnings.warn(
                f"{path}, the long version, is taken as the {self.name} annotation and the release's folders of "
                f"clips, such as {clips}, are not: to read these, give a folder that holds them alone",
                MebenchWarning,
                stacklevel=2,
            )
        return path

    def edition_of(self, path: Path, table: pd.DataFrame) -> str:
        """Return ``clips`` for the release whose folders are its annotation, ``SMIC-E`` for the long version."""
        return "clips" if path.is_dir() else "SMIC-E"

    def annotation_parts(self, path: Path) -> tuple[Path, ...]:
        """Return the workbook; of folders no file: what was read of them identifies the annotation."""
        return () if path.is_dir() else (path,)

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read a workbook of the long version, or the folders below ``path`` in the first layout with frames.

        A clip's folder without a frame, or with a frame that strayed in from elsewhere, has no window, which the
        checks of the table report. Copies of folders are no data.
        """
        raw = self._read_folders(path) if path.is_dir() else read_expressions(path, self.camera)
        for name in ("subject", "clip"):
            raw[name] = [release_name(cell_text(cell)) for cell in raw[name]]
        return make_clip_table(self.name, raw, fps=self.fps)

    def remarks(self, table: pd.DataFrame) -> list[Remark]:
        """Return the clips whose name says another emotion than their annotation."""
        emotions = {code: emotion for emotion, code in _EMOTION_CODES.items()}
        named = [emotions.get([*clip.split("_"), ""][1]) for clip in table["clip"]]
        return [
            Remark(
                key, int(row), f"the annotation says {word!r}, which counts; the clip's name says {other!r}"
            )
            for key, row, word, other in zip(table["key"], table["row"], table["emotion"], named, strict=True)
            if other not in (None, word)
        ]

    def _read_folders(self, root: Path) -> pd.DataFrame:
        import pandas as pd

        for layout in self.folder_layouts:
            found, left_out = layout.recordings(root)
            if any(recording.frames for recording in found):
                break
        else:
            raise MebenchError(
                f"{root} holds no {self.name} clips: expected {self.annotation_names()}, or frames in "
                f"{' or '.join(layout.template for layout in self.folder_layouts)}"
            )
        _warn_of_what_is_no_data(self.name, found, left_out)
        clips = [
            (release_name(r.names["subject"]), release_name(r.names["clip"]), r.names["emotion"], _window(r))
            for r in found
        ]
        clips.sort(key=lambda clip: (_by_number(clip[0]), _by_number(clip[1]), clip[2]))
        rows = [
            {
                "row": row,
                "subject": subject,
                "clip": clip,
                "emotion": emotion,
                "onset": onset,
                "apex": None,
                "offset": offset,
            }
            for row, (subject, clip, emotion, (onset, offset)) in enumerate(clips, start=1)
        ]
        return pd.DataFrame(rows, dtype=object)


def _window(recording: Recording) -> tuple[int | None, int | None]:
    """Return the first and last frame in a clip's folder; None twice where they cannot be its window."""
    numbers = recording.frames.numbers
    # A clip lacks a frame here and there; a file that strayed in makes a window of thousands.
    if not numbers or 2 * len(numbers) < numbers[-1] - numbers[0] + 1:
        return None, None
    return numbers[0], numbers[-1]


def _warn_of_what_is_no_data(name: str, found: Sequence[Recording], left_out: Sequence[Path]) -> None:
    empty = [str(r.folder) for r in found if not r.frames]
    scattered = [
        f"{r.folder} ({len(r.frames)} frames of {r.frames.numbers[0]} to {r.frames.numbers[-1]})"
        for r in found
        if r.frames and _window(r) == (None, None)
    ]
    for places, what in (
        ([str(path) for path in left_out], "copies or left behind by a system, and no data"),
        (
            [str(path) for r in found for path in r.strays],
            "called otherwise than the frames beside, and left out",
        ),
        (empty, "folders of clips without a frame"),
        (scattered, "folders with less than half the frames from first to last: remove what strayed in"),
    ):
        if places:
            warnings.warn(f"{name}: {first_few(places)}: {what}", MebenchWarning, stacklevel=2)


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts s2 before s10."""
    return [(int(number or 0), text) for text, number in re.findall(r"(\D*)(\d*)", name)]


def _layouts(camera: str, digits: int) -> tuple[FrameLayout, ...]:
    """Return where one camera's clips lie: cropped faces first, then raw frames, then either by itself."""
    image = f"image{{frame:0{digits}d}}.bmp"
    return tuple(
        FrameLayout(template, numbers_by_value=True, other_files=_FILES)
        for template in (
            f"SMIC_all_cropped/{camera}/{_FOLDERS}reg_{image}",
            f"SMIC_all_raw/{camera}/{_FOLDERS}{image}",
            f"{camera}/{_FOLDERS}{image}",
            f"{_FOLDERS}{image}",
        )
    )


def _twin(fps: float, frames: tuple[int, int], first_frame: int) -> TwinRecipe:
    # Classes are dealt evenly: a twin is there to be learnt from.
    return TwinRecipe(
        subject="s{n}",
        clips=("{subject}_{code}_{index:02d}",),
        fps=fps,
        frames=frames,
        first_frame=first_frame,
        emotions=dict.fromkeys(_EMOTION_CODES, 1),
        annotation_file="",
        emotion_codes=_EMOTION_CODES,
    )


class SmicHs(Smic, frames=(20, 40), first_frame=61_000):
    """The high-speed camera: 164 clips of 16 subjects."""

    name, camera, fps, digits = "smic-hs", "HS", 100.0, 6


class SmicVis(Smic, frames=(7, 13), first_frame=7_000):
    """The camera for visible light: 71 clips of 8 subjects."""

    name, camera, fps, digits = "smic-vis", "VIS", 25.0, 5


class SmicNir(Smic, frames=(7, 13), first_frame=7_000):
    """The near-infrared camera: 71 clips of 8 subjects, grey."""

    name, camera, fps, digits = "smic-nir", "NIR", 25.0, 5

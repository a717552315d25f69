"""A video's frames, written without loss, as the clip's reader wants them: one picture a frame.

    written = decode_window(Path("talk.mp4"), Asked(onset=12, offset=40), folder)
    written.frames          # FrameList: the window's frames, numbered from 1 in the order in which they are shown

Needs PyAV (extra ``mebench[explain]``), which brings its own FFmpeg.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.data.clips.layout import FrameList
from mebench.data.fetching import read_bytes
from mebench.data.pictures import MOST_PIXELS
from mebench.errors import MebenchError, first_few
from mebench.inference.window import MOST_FRAMES, Asked, one_frame, too_long

if TYPE_CHECKING:
    from PIL import Image

# What cameras and programs write. FFmpeg also takes texts for videos, and playlists that name other files or hosts.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,asf,flv,ogg,mxf,dv,ivf,nut,gif,"
    "mjpeg"
)
_OPEN = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}


@dataclass(frozen=True)
class Decoded:
    """The window's frames on disk; damaged ones are not among them.

    ``fps`` are the frames of a second, 0 where the file does not say; ``notes`` are sentences on what was done.
    """

    frames: FrameList
    onset: int
    offset: int
    fps: float
    notes: tuple[str, ...]


def decode_window(video: Path, asked: Asked, folder: Path) -> Decoded:
    """Write the window's frames into a folder, which exists.

    Raises:
        MebenchError: PyAV is not installed, the file is no video, a frame of it cannot be decoded, or the window
            does not fit it.
        UnreachableError: the system cannot read the file.
    """
    av = _library()
    asked.check_order()
    read_bytes(video, most=1)  # a file that the system cannot give is not a broken video
    kept, number = _Kept(video, folder), 0
    try:
        with av.open(str(video), metadata_errors="ignore", options=_OPEN) as container:
            if not container.streams.video:
                raise MebenchError(
                    f"{video} holds no video (its streams are sound or text): name another file"
                )
            stream = container.streams.video[0]
            fps = float(stream.average_rate or 0)
            announced = (container.duration or 0) / av.time_base * fps
            _check_size(
                video, stream.codec_context.width * stream.codec_context.height
            )  # before it is decoded
            for number, frame in enumerate(container.decode(stream), start=1):
                if number >= (asked.onset or 1):
                    kept.add(number, frame, float(stream.sample_aspect_ratio or 1))
                if number == asked.offset:
                    break
    except av.error.FFmpegError as error:
        raise MebenchError(_undecodable(video, number, error)) from error
    if number == 0:
        raise MebenchError(f"{video} holds no frame of video: name another file")
    if number == 1 and asked.offset is None:
        raise one_frame(str(video))
    # Where the window ended before the video, its last number is not known, and nothing beyond was asked for.
    onset, offset = asked.within(1, number, str(video))
    notes = kept.notes()
    if asked.offset is None and number < 0.9 * announced - 2:
        notes.append(
            f"THE VIDEO ENDS EARLY: its file announces about {announced:.0f} frames, and {number} can be decoded"
        )
    return Decoded(FrameList(tuple(kept.paths), tuple(kept.paths.values())), onset, offset, fps, tuple(notes))


class _Kept:
    """The frames that are written, and what is to be said of them."""

    def __init__(self, video: Path, folder: Path) -> None:
        self._video, self._folder = video, folder
        self.paths: dict[int, Path] = {}
        self._damaged: list[int] = []
        self._turned = False

    def add(self, number: int, frame: Any, stretch: float) -> None:
        if len(self.paths) == MOST_FRAMES:
            raise too_long(str(self._video))
        if frame.is_corrupt:
            self._damaged.append(number)
            return
        # Frames may be larger than their file announces, and are made wider where their pixels are not square.
        _check_size(self._video, round(frame.width * max(stretch, 1)) * frame.height)
        picture, turned = _upright(frame, stretch)
        self._turned |= turned
        self.paths[number] = self._folder / f"{number:06d}.png"
        picture.save(self.paths[number], compress_level=1)

    def notes(self) -> list[str]:
        said = []
        if self._turned:
            said.append("the video is turned as its file says")
        if self._damaged:
            said.append(f"frame(s) {first_few(self._damaged, most=8)} of the video are damaged and left out")
        return said


def _upright(frame: Any, stretch: float) -> tuple[Image.Image, bool]:
    """Return a frame as a player shows it: of square pixels, and turned as the file's display matrix says."""
    picture = frame.to_image()
    if stretch != 1:
        from PIL import Image

        width = max(1, round(frame.width * stretch))
        picture = picture.resize((width, frame.height), Image.Resampling.BICUBIC)
    # Older releases of PyAV do not tell of a turn.
    turn = getattr(frame, "rotation", 0) % 360
    return (picture.rotate(turn, expand=True), True) if turn else (picture, False)


def _check_size(video: Path, pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise MebenchError(
            f"{video} has frames of {pixels // 1_000_000} million pixels, and {MOST_PIXELS // 1_000_000} million are "
            "the most: make it smaller"
        )


def _undecodable(video: Path, number: int, error: Exception) -> str:
    why = " ".join(str(getattr(error, "strerror", None) or error).split())
    if number == 0:
        return f"{video} is no video that can be decoded ({why}): name a video file, or a folder of pictures"
    return (
        f"{video} cannot be decoded after frame {number} ({why}): its rest is damaged; restore the file, or end "
        f"before it with --offset {number}"
    )


def _library() -> Any:
    try:
        import av
    except ImportError as error:
        raise MebenchError(
            f"reading a video needs PyAV, which cannot be imported ({error}): pip install 'mebench[explain]', or give "
            "a folder of pictures"
        ) from error
    return av

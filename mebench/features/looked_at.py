"""The pictures that an input looks at, and the key of what it made of them.

    pictures = Pictures(data, held, kind_key, progress)
    pictures.key({"casme3/spNO.1/b/166": (9,)})      # of its tenth frame; None where there is no such clip or frame

An input of one frame looks at one of thirty, so the others need not be read, and may change. Which it looks at follows
from what those hold that it did look at, so an entry is of use as long as these are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mebench.data.contents import Held, changed_meanwhile
from mebench.data.reading import ClipData
from mebench.features.key import content_key

LookedAt = Mapping[str, Sequence[int]]  # clip key -> places in the clip's list of frames


class Pictures:
    """The pictures of a dataset, as inputs of one kind see them."""

    def __init__(
        self, data: ClipData, held: Held, kind: str, progress: Callable[[str, int, int], None]
    ) -> None:
        self._data = data
        self._held = held
        self._kind = kind
        self._progress = progress

    def bytes_of(self, path: Path) -> bytes:
        """Return the bytes of a picture's file.

        Raises:
            MebenchError: it cannot be read, or is another by now.
        """
        return self._held.content(path)

    def all(self) -> dict[str, tuple[int, ...]]:
        """Return the places of all pictures."""
        return {key: tuple(range(len(self._data.frames[key]))) for key in self._data.table["key"]}

    def key(self, looked_at: LookedAt) -> str | None:
        """Return the key of what is made of pictures, which are read where it is not known what they hold.

        Raises:
            MebenchError: one cannot be read, or changes while it is.
        """
        frames = self._data.frames
        if set(looked_at) != set(self._data.table["key"]) or not all(
            0 <= place < len(frames[key]) for key, places in looked_at.items() for place in places
        ):
            return None
        self._held.read(
            self._paths(looked_at),
            lambda done, total: self._progress(f"pictures of {self._data.dataset}", done, total),
        )
        return content_key(self._kind, self._data, self._held.hashes, looked_at)

    def require_unchanged(self, looked_at: LookedAt) -> None:
        """Raise MebenchError where a picture is no longer what was read."""
        if path := self._held.changed(self._paths(looked_at)):
            raise changed_meanwhile(path)

    def _paths(self, looked_at: LookedAt) -> list[Path]:
        return [self._data.frames[key].paths[place] for key, places in looked_at.items() for place in places]

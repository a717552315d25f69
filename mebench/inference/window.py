"""The part of a recording that is the expression: onset, apex and offset as frame numbers, given or by default.

asked = Asked(onset=12, apex=None, offset=40)
asked.within(1, 120, "talk.mp4")      # (12, 40)
"""

from __future__ import annotations

from dataclasses import dataclass

from mebench.errors import MebenchError

# Ten seconds of the fastest cameras of the field; more is a recording, of which an expression is a part.
MOST_FRAMES = 2000


@dataclass(frozen=True)
class Asked:
    """Frame numbers as the user gives them; None for the default: the first frame, a spotted apex, the last frame."""

    onset: int | None = None
    apex: int | None = None
    offset: int | None = None

    def check_order(self) -> None:
        """Raise where the given numbers contradict each other, which needs no recording to be told.

        Raises:
            MebenchError: the onset does not lie before the offset, or the apex not between them.
        """
        if self.onset is not None and self.offset is not None and self.onset >= self.offset:
            raise MebenchError(
                f"--onset {self.onset} does not lie before --offset {self.offset}: an expression begins at its "
                "onset and ends at its offset"
            )
        outside = (self.onset is not None and self.apex is not None and self.apex < self.onset) or (
            self.offset is not None and self.apex is not None and self.apex > self.offset
        )
        if outside:
            raise MebenchError(
                f"--apex {self.apex} lies outside the window from {self._said('onset', 'the first frame')} to "
                f"{self._said('offset', 'the last one')}: the apex is a frame from onset to offset"
            )

    def within(self, first: int, last: int, where: str) -> tuple[int, int]:
        """Return onset and offset in a recording whose frames are numbered from ``first`` to ``last``.

        Raises:
            MebenchError: a given number is none of them, the window is a single frame, or it is too long for one
                expression.
        """
        self.check_order()
        for name in ("onset", "apex", "offset"):
            number = getattr(self, name)
            if number is not None and not first <= number <= last:
                raise MebenchError(f"--{name} {number}: the frames of {where} are numbered {first} to {last}")
        onset = first if self.onset is None else self.onset
        offset = last if self.offset is None else self.offset
        Asked(onset, self.apex, offset).check_order()
        if offset - onset >= MOST_FRAMES:
            raise too_long(where)
        return onset, offset

    def _said(self, name: str, default: str) -> str:
        number = getattr(self, name)
        return default if number is None else str(number)


def too_long(where: str) -> MebenchError:
    """Return the error for a window of more than :data:`MOST_FRAMES` frames."""
    return MebenchError(
        f"the window in {where} is longer than {MOST_FRAMES} frames: say with --onset and --offset where in it the "
        "expression lies"
    )


def one_frame(where: str) -> MebenchError:
    """Return the error for a recording of a single frame."""
    return MebenchError(
        f"{where} holds one frame: a clip is at least two, the onset and what the face does after it"
    )

"""Python text as the work of a sealed process, for tests of what such a process can and cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mebench.sealed.process import SealedProcess, wait_any
from mebench.sealed.seal import Seal, make_seal
from mebench.sealed.wire import Frame

WORK = "sealed_text:run"


def run(channel: Any, assignment: bytes) -> None:
    """Run the text that was assigned; it finds ``channel``, and ``say(**words)``."""
    exec(assignment.decode(), {"channel": channel, "say": lambda **words: channel.send(words)})


def text_seal(**allowed: Any) -> Seal:
    return make_seal(code=[Path(__file__), *allowed.pop("code", ())], **allowed)


def started(text: str, seal: Seal | None = None, **options: Any) -> SealedProcess:
    return SealedProcess(WORK, seal or text_seal(), assignment=text.encode(), **options)


def frames_of(process: SealedProcess, seconds: float = 20, most: int | None = None) -> list[Frame]:
    """Return what a process says until it ends, or until it has said so much."""
    frames: list[Frame] = []
    while process.ended is None and (most is None or len(frames) < most):
        assert wait_any([process], seconds), "it says nothing and does not end"
        frames += process.pump()
    return frames


def said(text: str, seal: Seal | None = None, **options: Any) -> list[dict[str, Any]]:
    """Run a text to its end and return the messages that it sent."""
    with started(text, seal, **options) as process:
        messages = [frame.message for frame in frames_of(process)]
        assert process.ended == 0, process.take_log().decode()
    return messages

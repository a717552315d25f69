"""The tracker ``tensorboard``: event files in the run's own folder.

    mebench run ststnet megc2019 --tracker tensorboard
    tensorboard --logdir runs

Written with TensorBoard's own package; neither TensorFlow nor torch is needed for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.text import metadata as of_text
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from mebench.api import Progress, Record, RunInfo, Scores, Tracker
from mebench_trackers import told


class TensorBoardTracker(Tracker):
    """Curves of every fold while it learns, its times, and at the end the scores with their intervals.

    All lies in ``trackers/tensorboard`` of the run's folder, each fold in a folder of its own: the curves of all folds
    share a plot. Settings and tags are on the pages HParams and Text.
    """

    def __init__(self) -> None:
        self._folds: dict[str, EventFileWriter] = {}
        self._said: dict[str, set[tuple[str, int]]] = {}

    def run_started(self, run: RunInfo, directory: Path) -> None:
        """Write settings and tags."""
        tags = told.tags_of(run)
        table = "| | |\n|---|---|\n" + "\n".join(f"| {name} | {text} |" for name, text in tags.items())
        settings = {name: _plain(value) for name, value in told.settings_of(run).items()}
        with _Closing(_writer(directory)) as writer:
            _write(writer, hparams_pb({**settings, **tags}, trial_id=run["identity"]), 0)
            _write(writer, _text("about", table), 0)

    def fold_progress(self, run: RunInfo, directory: Path, fold: str, seed: int, progress: Progress) -> None:
        """Write what a fold reports."""
        stem = told.stem_of(seed, fold)
        loss = {} if progress.loss is None else {"loss": progress.loss}
        values = {**loss, **progress.values}
        self._scalars(directory, stem, [(name, progress.step, value) for name, value in values.items()])

    def fold_done(self, run: RunInfo, directory: Path, record: Record) -> None:
        """Write what was not reported of a fold's curves, and its figures."""
        stem = told.stem_of(record["seed"], record["fold"])
        self._scalars(directory, stem, [*told.curves_of(record)])
        figures = told.fold_figures(record)
        self._scalars(directory, stem, [(f"fold/{name}", 0, value) for name, value in figures.items()])
        self._close(stem)

    def fold_failed(self, run: RunInfo, directory: Path, fold: str, seed: int, reason: str) -> None:
        """Write why a fold failed."""
        stem = told.stem_of(seed, fold)
        _write(self._writer_of(directory, stem), _text("failed", reason), 0)
        self._close(stem)

    def run_finished(self, run: RunInfo, directory: Path, scores: Scores | None) -> None:
        """Write the scores, and end what is open."""
        for stem in [*self._folds]:
            self._close(stem)
        if scores is not None:
            with _Closing(_writer(directory)) as writer:
                for name, value in told.score_figures(scores).items():
                    _write(writer, _scalar(f"scores/{name}", value), 0)

    def _writer_of(self, directory: Path, stem: str) -> EventFileWriter:
        if stem not in self._folds:
            self._folds[stem], self._said[stem] = _writer(directory, stem), set()
            # What an earlier try of the fold wrote is forgotten from its first step on.
            start = Event(session_log=SessionLog(status=SessionLog.START), step=1, wall_time=time.time())
            self._folds[stem].add_event(start)
        return self._folds[stem]

    def _scalars(self, directory: Path, stem: str, values: list[tuple[str, int, float]]) -> None:
        writer = self._writer_of(directory, stem)
        for name, step, value in values:
            if (name, step) not in self._said[stem]:
                self._said[stem].add((name, step))
                _write(writer, _scalar(name, value), step)

    def _close(self, stem: str) -> None:
        self._said.pop(stem, None)
        if writer := self._folds.pop(stem, None):
            writer.close()


class _Closing:
    """A writer that is closed at the end: what it writes is on the disk then."""

    def __init__(self, writer: EventFileWriter) -> None:
        self._writer = writer

    def __enter__(self) -> EventFileWriter:
        return self._writer

    def __exit__(self, *error: object) -> None:
        self._writer.close()


def _writer(directory: Path, *below: str) -> EventFileWriter:
    return EventFileWriter(str(directory.joinpath("trackers", "tensorboard", *below)))


def _write(writer: EventFileWriter, summary: Summary, step: int) -> None:
    writer.add_event(Event(summary=summary, step=step, wall_time=time.time()))


def _scalar(name: str, value: float) -> Summary:
    return Summary(value=[Summary.Value(tag=name, simple_value=value)])


def _text(name: str, text: str) -> Summary:
    data = SummaryMetadata.PluginData(
        plugin_name=of_text.PLUGIN_NAME, content=of_text.create_summary_metadata(name, "").plugin_data.content
    )
    tensor = TensorProto(
        dtype="DT_STRING",
        string_val=[text.encode()],
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
    )
    value = Summary.Value(tag=name, metadata=SummaryMetadata(plugin_data=data), tensor=tensor)
    return Summary(value=[value])


def _plain(value: Any) -> Any:
    """Return a setting as HParams takes one: a number, a truth value or a text."""
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

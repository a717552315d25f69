"""Preparing a dataset: the same folders and the same annotation, with every clip's face upright in a square.

    done = prepare(Casme3(), Location(Path("CASME3")), Path("prepared"), PrepareOptions(size=256))
    done.without_face      # (key, why) of the clips that got the centre of their pictures instead

A run that was stopped goes on where it stopped: finished takes (:mod:`mebench.data.preparation.crop`) stay untouched.
The annotation is copied last, so that half a dataset is not taken for a whole one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mebench.data.clips.columns import Columns
from mebench.data.clips.layout import forget_folders
from mebench.data.clips.marker import MARKER_COMMENT, MARKER_FILE, PREPARATION_FILE, preparation_of
from mebench.data.clips.sheet import sha256_of
from mebench.data.clips.table import clip_rows
from mebench.data.dataset import Dataset
from mebench.data.fetching import UnreachableError, is_there, read_bytes
from mebench.data.links import links_followed
from mebench.data.locations import Location
from mebench.data.pictures import DECODING
from mebench.data.preparation.annotation import annotation_copies
from mebench.data.preparation.crop import CropJob, Outcome, crop_take, finished
from mebench.data.preparation.detect import load_detector
from mebench.data.preparation.takes import takes_of
from mebench.data.reading import ClipData, read_clips
from mebench.errors import MebenchError
from mebench.files import disk_errors, to_json, write_atomically
from mebench.locks import locked
from mebench.parallel import cores, map_processes
from mebench.plain_text import cells

# Beside the prepared frames: options, records of takes, the list of clips without a face, contact sheets.
NOTES_FOLDER = Path(PREPARATION_FILE).parent.name

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PrepareOptions:
    """How crops are made: ``size`` is their side in pixels, ``model`` the detector's file where it needs one."""

    size: int = 256
    detector: str = "centerface"
    model: Path | None = None
    contact_sheet: bool = False


@dataclass(frozen=True)
class Prepared:
    """What was done: ``frames`` were written now, ``kept`` lay there finished.

    ``without_face`` pairs a clip's key with why it was not aligned; ``damaged`` counts the frames that are no
    readable pictures and were copied as they are; ``sheets`` are the contact sheets.
    """

    clips: int
    frames: int
    kept: int
    damaged: int
    without_face: tuple[tuple[str, str], ...]
    without_face_file: Path
    sheets: tuple[Path, ...]


def prepare(
    dataset: Dataset,
    source: Location,
    out: Path,
    options: PrepareOptions,
    progress: Progress = lambda done, total: None,
) -> Prepared:
    """Write a prepared copy of a dataset into ``out``, or finish one.

    Args:
        dataset: the plugin's object; frames are written in its first layout.
        source: where the dataset lies.
        out: a new folder, or one that the same options began.
        options: how crops are made.
        progress: called with takes done and takes in all.

    Raises:
        MebenchError: the source cannot be read, the detector cannot be loaded, ``out`` holds something else, or
            the disk refuses.
    """
    # Clips with too few frames are copied too: the copy is to be judged as the original is.
    with links_followed(source.follow_links):
        data = read_clips(dataset, source.root, source.annotation, columns=source.columns, judge_frames=False)
    copies = annotation_copies(dataset, data, out)
    for clip in clip_rows(data.table):  # a name that leads elsewhere is told before anything is written
        dataset.layouts[0].path(out, clip, clip.onset)
    load_detector(options.detector, options.model)  # a clear error before anything is written
    _check_place(out, source.root)
    notes = out / NOTES_FOLDER
    with disk_errors(out, "free some space or choose another folder"):
        notes.mkdir(parents=True, exist_ok=True)
    with locked(notes / "lock", f"another mebench is preparing {out}", wait=False):
        _check_options(out / PREPARATION_FILE, _identity(data, options))
        if data.twin:
            _mark(data, out)
        jobs = _jobs(dataset, source, data, out, options)
        outcomes, frames = _crop_all(jobs, progress)
        for origin, target in copies.items():
            _write_if_changed(target, read_bytes(origin))
        prepared = _read_again(dataset, data, out, source.columns)
        keys = set(data.table["key"])
        without_face = tuple(
            (key, outcome.why_no_face)
            for outcome in outcomes
            if outcome.why_no_face
            for key in outcome.keys
            if key in keys
        )
        table = notes / "without-face.csv"
        _write_if_changed(table, _csv(("clip", "reason"), without_face))
        sheets = _sheets(prepared, without_face, notes) if options.contact_sheet else ()
    return Prepared(
        clips=len(data.table),
        frames=frames,
        kept=sum(len(outcome.numbers) for outcome in outcomes) - frames,
        damaged=sum(len(outcome.damaged) for outcome in outcomes),
        without_face=without_face,
        without_face_file=table,
        sheets=sheets,
    )


def _check_place(out: Path, root: Path) -> None:
    inner, outer = out.resolve(), root.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise MebenchError(
            f"{out} and the data folder {root} lie in each other: name a folder outside for --out"
        )
    if out.exists() and not (out / NOTES_FOLDER).is_dir() and any(out.iterdir()):
        raise MebenchError(f"{out} is not empty: name a new folder for the prepared dataset")


def _identity(data: ClipData, options: PrepareOptions) -> dict[str, object]:
    return {
        "dataset": data.dataset,
        "annotation_sha256": data.sha256,
        "size": options.size,
        "detector": options.detector,
        "model_sha256": options.model and sha256_of(options.model),
        "decoding": DECODING,
    }


def _check_options(path: Path, identity: dict[str, object]) -> None:
    before = preparation_of(path.parent.parent)
    if before is None:
        write_atomically(path, to_json(identity))
        return
    if different := [name for name in identity if before.get(name) != identity[name]]:
        raise MebenchError(
            f"{path.parent.parent} was prepared with another {' and '.join(different)}: name a new folder, or give "
            f"the options in {path}"
        )


def _mark(data: ClipData, out: Path) -> None:
    marker = data.root / MARKER_FILE
    own = to_json({"what": MARKER_COMMENT.decode(), "dataset": data.dataset}).encode()
    _write_if_changed(out / MARKER_FILE, read_bytes(marker) if is_there(marker) else own)


def _jobs(
    dataset: Dataset, source: Location, data: ClipData, out: Path, options: PrepareOptions
) -> list[CropJob]:
    readings = [data]
    if dataset.repairs.repairs:
        # A comparison without repairs (`run --repairs none`) needs the windows as the owner wrote them; an
        # annotation that is of no use without repairs has none.
        try:
            place = (source.root, source.annotation)
            with links_followed(source.follow_links):
                readings.append(
                    read_clips(dataset, *place, columns=source.columns, repairs=False, judge_frames=False)
                )
        except UnreachableError:
            raise
        except MebenchError:
            pass
    return [
        CropJob(
            take=take,
            out=out,
            records=out / NOTES_FOLDER / "takes",
            size=options.size,
            detector=options.detector,
            model=options.model,
            twin=data.twin,
        )
        for take in takes_of(dataset.layouts[0], readings)
    ]


def _crop_all(jobs: list[CropJob], progress: Progress) -> tuple[list[Outcome], int]:
    """Return the outcomes in the order of the jobs, and how many frames were written."""
    outcomes = [finished(job) for job in jobs]
    waiting = [i for i, outcome in enumerate(outcomes) if outcome is None]
    frames = 0
    if waiting:
        results = map_processes(crop_take, [jobs[i] for i in waiting], min(cores(), len(waiting)))
        for done, (i, outcome) in enumerate(zip(waiting, results, strict=True), start=1):
            outcomes[i] = outcome
            frames += len(outcome.numbers)
            progress(len(jobs) - len(waiting) + done, len(jobs))
    return [outcome for outcome in outcomes if outcome is not None], frames


def _read_again(dataset: Dataset, data: ClipData, out: Path, columns: Columns) -> ClipData:
    """Read the prepared dataset as any later command will, and see that it is the same."""
    forget_folders()
    prepared = read_clips(dataset, out, columns=columns, judge_frames=False)
    missing = sorted(set(data.table["key"]) - set(prepared.table["key"]))
    if missing or prepared.twin != data.twin:
        what = f"clip {missing[0]}" if missing else "the twin's mark"
        raise MebenchError(
            f"{out} does not read like {data.root}: {what} is not found there; the plugin of {dataset.name} must "
            "read the layout that it writes"
        )
    return prepared


def _sheets(prepared: ClipData, without_face: tuple[tuple[str, str], ...], notes: Path) -> tuple[Path, ...]:
    from mebench.data.preparation.sheet import draw_sheets

    paths = []
    for number, page in enumerate(draw_sheets(prepared, {key for key, _ in without_face}), start=1):
        paths.append(notes / f"contact-sheet-{number}.png")
        file = io.BytesIO()
        page.save(file, "png")
        _write_if_changed(paths[-1], file.getvalue())
    return tuple(paths)


def _csv(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(cells([header, *rows]))
    return text.getvalue().encode()


def _write_if_changed(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content)

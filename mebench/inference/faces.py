"""A user's clip brought to look like the training clips: its face upright in a square, where theirs were.

how = preparation_of(about, wanted=None)       # as in training
how.said                                       # "prepared as in training: ..."
crop_clip(frames, how, folder)                 # the same one transform for the whole clip (mebench.data.preparation)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mebench.data.clips.layout import FrameList
from mebench.data.clips.sheet import sha256_of
from mebench.data.preparation.crop import CropJob, crop_take
from mebench.data.preparation.detect import load_detector
from mebench.data.preparation.prepare import PrepareOptions
from mebench.data.preparation.takes import Take
from mebench.errors import MebenchError


@dataclass(frozen=True)
class Preparation:
    """Whether and how faces are cropped, and ``said``, the sentence of it; ``size`` is the crop's side in pixels."""

    said: str
    crop: bool = False
    size: int = PrepareOptions.size
    detector: str = PrepareOptions.detector
    model: Path | None = None


def preparation_of(
    prepared: Mapping[str, Mapping[str, Any] | None],
    wanted: bool | None = None,
    detector_model: Path | None = None,
    *,
    made_elsewhere: bool = False,
) -> Preparation:
    """Return how a clip's face is prepared for a model.

    Args:
        prepared: what a fitted model keeps of its training data: dataset -> the options of ``data prepare``, or None
            where mebench did not crop its faces.
        wanted: True or False where the user decides; None for as in training.
        detector_model: the detector's model file, for a detector that brings none.
        made_elsewhere: the model learnt from inputs that others published, of faces cropped nobody knows how.

    Raises:
        MebenchError: a file is needed and not given, or given and not needed.
    """
    cropped = {dataset: options for dataset, options in prepared.items() if options is not None}
    if wanted is False or (wanted is None and not cropped):
        if detector_model is not None:
            raise MebenchError(
                "--detector-model is for the face detector, and no face is prepared: add --prepare"
            )
        if cropped:
            return Preparation("THE FACE IS NOT CROPPED, although faces were in training (--no-prepare)")
        why = (
            "the training pictures were made by others, and how they cropped faces is not known"
            if made_elsewhere
            else "mebench did not crop those of the training clips, which were as their owner gives them"
        )
        return Preparation(f"the face is not cropped: {why} (--prepare crops it)")
    if not cropped:
        said = "the face is cropped (--prepare), although mebench did not crop those of the training clips"
        return _with_model(Preparation(said, crop=True), detector_model, None)
    dataset, options = next(iter(cropped.items()))
    said = f"the face is cropped as in training: by {options['detector']}, to {options['size']} pixels"
    if any(not _alike(other, options) for other in prepared.values()):
        said += f" (as in {dataset}; other training data were prepared otherwise)"
    how = Preparation(said, True, options["size"], options["detector"])
    return _with_model(how, detector_model, options.get("model_sha256"))


def _alike(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    return one is not None and all(one.get(name) == other.get(name) for name in ("detector", "size"))


def _with_model(how: Preparation, model: Path | None, due: str | None) -> Preparation:
    if how.detector == "mediapipe" and model is None:
        raise MebenchError(
            "the training clips' faces were found by mediapipe, whose model file is not kept with the model: give it "
            "with --detector-model, or take the clip as it is with --no-prepare"
        )
    if model is not None and due is not None and model.is_file() and sha256_of(model) != due:
        how = replace(how, said=f"{how.said}, BY ANOTHER MODEL FILE than in training")
    return replace(how, model=model)


def crop_clip(frames: FrameList, how: Preparation, folder: Path) -> tuple[FrameList, str]:
    """Return a clip's cropped frames, and in words what became of its face; empty where one was found.

    As in ``data prepare``, the face is looked for in the first readable frame, and the whole clip follows it.

    Args:
        frames: the window's.
        how: with ``crop``.
        folder: an empty one, for the crops.

    Raises:
        MebenchError: the detector cannot be loaded.
    """
    load_detector(how.detector, how.model)
    targets = tuple(Path(f"{number:06d}.png") for number in frames.numbers)
    take = Take(("clip",), frames, targets)
    outcome = crop_take(
        CropJob(take, folder, folder / "records", how.size, how.detector, how.model, twin=False)
    )
    why = outcome.why_no_face and f"{outcome.why_no_face}: the centre of the picture was taken instead"
    return FrameList(frames.numbers, tuple(folder / target for target in targets)), why

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
from mebench.data.preparation.takes import Take
from mebench.errors import MebenchError

SIZE = 256  # `data prepare`'s own default


@dataclass(frozen=True)
class Preparation:
    """Whether and how faces are cropped, and ``said``, the sentence of it; ``size`` is the crop's side in pixels."""

    said: str
    crop: bool = False
    size: int = SIZE
    detector: str = "centerface"
    model: Path | None = None


def preparation_of(
    prepared: object, wanted: bool | None = None, detector_model: Path | None = None
) -> Preparation:
    """Return how a clip's face is prepared for a model.

    Args:
        prepared: what a fitted model keeps of its training data: for each dataset the options of ``data prepare``,
            or None where mebench did not crop its faces.
        wanted: True or False where the user decides; None for as in training.
        detector_model: the detector's model file, for a detector that brings none.

    Raises:
        MebenchError: a file is needed and not given, or given and not needed.
    """
    each: list[Any] = list(prepared) if isinstance(prepared, (list, tuple)) else [prepared]
    cropped = [options for options in each if isinstance(options, Mapping)]
    if wanted is False or (wanted is None and not cropped):
        if detector_model is not None:
            raise MebenchError(
                "--detector-model is for the face detector, and no face is prepared: add --prepare"
            )
        if not cropped:
            return Preparation("faces are taken as they are, as in training (--prepare crops them)")
        return Preparation("FACES ARE NOT PREPARED, although they were in training (--no-prepare)")
    if not cropped:
        how = Preparation(
            "faces are cropped (--prepare), although mebench did not prepare those of the training clips",
            crop=True,
        )
    else:
        options = cropped[0]
        how = Preparation(
            f"faces are cropped as in training: {options['detector']}, {options['size']} pixels",
            True,
            options["size"],
            options["detector"],
        )
        if len({(o["detector"], o["size"]) for o in cropped}) > 1 or len(cropped) < len(each):
            how = replace(how, said=f"{how.said} (as in {options['dataset']}; other training data differ)")
    if how.detector == "mediapipe" and detector_model is None:
        raise MebenchError(
            "the training clips' faces were found by mediapipe, whose model file is not kept with the model: give it "
            "with --detector-model, or take the clip as it is with --no-prepare"
        )
    due = cropped[0].get("model_sha256") if cropped else None
    if detector_model is not None and due and detector_model.is_file() and sha256_of(detector_model) != due:
        how = replace(how, said=f"{how.said}, BY ANOTHER MODEL FILE than in training")
    return replace(how, model=detector_model)


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

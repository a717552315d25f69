"""``mebench predict DIR --clip FOLDER|VIDEO``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mebench.cli.console import print_json
from mebench.cli.options import plugins_told, refuse_existing
from mebench.cli.run_options import stop_as_with_ctrl_c
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from mebench.inference.clip import UserClip
    from mebench.inference.explaining import Explanation
    from mebench.inference.predicting import FittedModel, Said


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--clip",
    "path",
    required=True,
    metavar="FOLDER|VIDEO",
    type=click.Path(path_type=Path),
    help="A folder of pictures, or a video.",
)
@click.option(
    "--onset", type=int, metavar="N", help="Frame where the expression begins. [default: the first]"
)
@click.option("--apex", type=int, metavar="N", help="Frame of its peak. [default: spotted by motion]")
@click.option("--offset", type=int, metavar="N", help="Frame where it ends. [default: the last]")
@click.option(
    "--prepare/--no-prepare",
    default=None,
    help="Crop the face, or take it as it is. [default: as in training]",
)
@click.option(
    "--detector-model",
    type=click.Path(path_type=Path, dir_okay=False),
    help="MediaPipe's file face_landmarker.task, for models whose training faces it found.",
)
@click.option(
    "--model",
    metavar="PATH.py:CLASS",
    help="The model's code, where it is a file that lies elsewhere now than when it was fitted.",
)
@click.option("--explain", is_flag=True, help="Draw where the network looked; needs mebench[explain].")
@click.option("--class", "target", metavar="NAME", help="Explain this class or action unit (AU12).")
@click.option(
    "--reference",
    type=click.Choice(["still", "flat"]),
    help="Explain against the face held still at its onset (what moved), or against pictures of one colour. "
    "[default: still]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.png",
    help="Where the picture goes. [default: CLIP-MODEL-CLASS.png]",
)
@click.option("--force", is_flag=True, help="Write over a picture that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def predict(ctx: click.Context, /, folder: Path, path: Path, as_json: bool, **options: Any) -> None:
    """Let the fitted model in DIR say of a clip which expression it shows.

    DIR is what `mebench fit` wrote, or a fold's model that `mebench run --save-models` kept. Frames of a video are
    numbered from 1, those of a folder by their names (img012.jpg is 12) or else from 1.
    """
    from mebench.cli.predicted import as_plain, print_said
    from mebench.display.consoles import errors
    from mebench.inference import predicting
    from mebench.inference.clip import user_clip
    from mebench.inference.faces import preparation_of
    from mebench.inference.model_folder import fitted_folder
    from mebench.inference.window import Asked
    from mebench.models.fitted import load_fitted

    _check_options(options)
    asked = Asked(options["onset"], options["apex"], options["offset"])
    asked.check_order()
    plugins = plugins_told(ctx)
    fitted = load_fitted(fitted_folder(folder), plugins.registry, model=options["model"])
    if options["explain"]:
        from mebench.inference.explaining import check_explainable

        check_explainable(fitted, options["target"])
    how = preparation_of(
        fitted.about["prepared"],
        options["prepare"],
        options["detector_model"],
        made_elsewhere=bool(predicting.made_elsewhere(fitted)),
    )
    stop_as_with_ctrl_c()  # the decoded frames are removed
    with errors().status("reading the clip") as status, user_clip(path, asked, how) as clip:
        status.update("computing what the model sees")
        said = predicting.predict(fitted, clip)
        drawn = None
        if options["explain"]:
            status.update("following the network's gradients")
            drawn = _explained(fitted, clip, said, options)
    if as_json:
        print_json(as_plain(fitted, clip, said, drawn))
    else:
        print_said(fitted, clip, said, drawn)


def _check_options(options: dict[str, Any]) -> None:
    """Raise for options that would do nothing, or a picture that cannot be written."""
    names = {"target": "--class", "reference": "--reference", "out": "--out", "force": "--force"}
    if not options["explain"]:
        if idle := [option for name, option in names.items() if options[name]]:
            raise MebenchError(f"{idle[0]} is about the picture of an explanation: add --explain")
        return
    out = options["out"]
    if out is not None and out.suffix.lower() != ".png":
        raise MebenchError(f"--out {out}: the picture is a PNG; end its name in .png")
    if out is not None:
        refuse_existing(out, force=options["force"])


def _explained(
    fitted: FittedModel, clip: UserClip, said: Said, options: dict[str, Any]
) -> tuple[Explanation, Path]:
    """Explain, draw and write; return what was found and where the picture is."""
    from mebench.files import write_atomically
    from mebench.inference.explaining import explain, target_of
    from mebench.inference.report import picture_of

    target = options["target"] or target_of(said)
    out = options["out"]
    if out is None:
        plain = "-".join(re.sub(r"[^\w.]+", "-", part) for part in (clip.name, fitted.about["model"], target))
        out = Path(f"{plain}.png")
        refuse_existing(out, force=options["force"])
    found = explain(fitted, clip, said, target, options["reference"] or "still")
    write_atomically(out, picture_of(fitted, clip, said, found))
    return found, out

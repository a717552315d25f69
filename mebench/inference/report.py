"""The picture of an explanation in words: what it shows, against what, and what it cannot say.

content = picture_of(fitted, clip, said, explanation)       # PNG
"""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.inference.clip import UserClip
from mebench.inference.drawing import Heading, draw
from mebench.inference.explaining import Explanation
from mebench.inference.panels import FACE, groups
from mebench.inference.predicting import FittedModel, Said

SYNTHETIC = (
    "This model was trained on drawn faces (a synthetic twin): what it says of real ones means nothing."
)

SHUFFLED = "This model was trained on SHUFFLED LABELS: it has nothing to say of any clip."

METHOD = (
    "Integrated gradients (Sundararajan et al. 2017), blurred; each input has a scale of colours of its own. They tell "
    "what this network reacts to, not where muscles moved, and not whether it is right."
)


def picture_of(fitted: FittedModel, clip: UserClip, said: Said, found: Explanation) -> bytes:
    """Return the picture as PNG.

    Raises:
        MebenchError: none of the model's inputs is a picture or a map of the face.
    """
    drawn, other = groups(fitted.model.inputs(), said.inputs, found, clip.reader)
    about, window = fitted.about, clip.window
    if not drawn:
        raise MebenchError(
            f"what {about['model']} sees ({', '.join(other)}) has no places on a face: there is no picture to draw; "
            "leave out --explain"
        )
    before, after = found.probabilities
    spotted = f" ({window.sources['apex']})" if window.sources["apex"] != "given" else ""
    lines = [
        f"{clip.name}, frames {window.onset} to {window.offset}, apex {window.apex}{spotted}; {trained_on(fitted)}",
        f"Red speaks for {found.target}, blue against it, as compared with {against(found, fitted)}: there its "
        f"probability is {before:.2f}. Numbers are what an input adds to the log-odds ({found.before:+.2f} to "
        f"{found.after:+.2f}).",
    ]
    if units := [name for name, p in said.aus.items() if p > 0.5]:
        lines.append("Action units above 0.5: " + ", ".join(f"{name} {said.aus[name]:.2f}" for name in units))
    foot = [*cautions(fitted), METHOD]
    sums = found.sums()
    if other:
        foot.insert(0, "Not drawn: " + ", ".join(f"{name} ({sums[name]:+.2f})" for name in other))
    onset, apex = (clip.reader.frame(number, FACE) for number in (window.onset, window.apex))
    heading = Heading(
        f"{found.target}: {after:.2f}" + ("" if found.target == said.predicted else _otherwise(said)),
        tuple(lines),
        tuple(foot),
        (f"against {found.target}", f"for {found.target}"),
        ((f"onset, frame {window.onset}", onset), (f"apex, frame {window.apex}", apex)),
    )
    return draw(heading, drawn)


def trained_on(fitted: FittedModel) -> str:
    """Return in words what a model was trained on."""
    about = fitted.about
    which = "the whole cohort" if about["fold"] is None else f"all but the clips of fold {about['fold']}"
    return f"{about['model']}, trained on {about['trained_on']} clips of {about['protocol']}: {which}"


def cautions(fitted: FittedModel) -> list[str]:
    """Return sentences on what a model cannot be used for."""
    said = {"synthetic": SYNTHETIC, "shuffled_labels": SHUFFLED}
    return [sentence for name, sentence in said.items() if fitted.about[name]]


def _otherwise(said: Said) -> str:
    return (
        f" (the model says {said.predicted}: {said.probabilities[said.predicted]:.2f})"
        if said.predicted
        else ""
    )


def against(found: Explanation, fitted: FittedModel) -> str:
    """Return the reference in words."""
    pictures = any(each.kind == "picture" for each in fitted.model.inputs().values())
    if not pictures:
        return "no movement"
    return "the same face held still at its onset" if found.reference == "still" else "pictures of one colour"

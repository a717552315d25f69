"""Where a network looked: what each pixel of a clip adds to the odds of a class, by integrated gradients.

    found = explain(fitted, clip, said)                # of the predicted class
    found.added["apex"]                                # float32, as the input's tensor (C, H, W): log-odds a pixel

Integrated gradients (Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", ICML,
arXiv 1703.01365, equation 1) follow the network from a reference to the clip and sum its gradients on the way. They
need nothing of an architecture but gradients, share one number among all inputs of a network (an apex frame, a clip
and flow alike), and that number is known: what the odds change from reference to clip. Grad-CAM (Selvaraju et al.
2017) needs a layer to be chosen in every network, shows it at that layer's grid (7 x 7), and has no scale that two
branches share.

The number is the log-odds of the class, log(p / (1 - p)): scores themselves mean something only beside the others'.

The reference decides what is asked: what of the movement, or what of the whole picture, speaks for the class
(:mod:`mebench.inference.references`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from mebench.errors import MebenchError, UnknownNameError
from mebench.features.inputs import Input
from mebench.inference.clip import UserClip
from mebench.inference.predicting import FittedModel, Said, au_name
from mebench.inference.references import REFERENCES, references

_STEPS = (32, 128)  # the second where the first leaves more than the share below unaccounted for
UNACCOUNTED = 0.05


@dataclass(frozen=True)
class Explanation:
    """What each pixel adds to the log-odds of a class or action unit, from a reference to the clip.

    ``added[name]`` has the shape of the input's tensor without its batch: (C, H, W) or (C, T, H, W) of pictures,
    the input's own shape of measurements. Their sum over all inputs is ``after - before``, the log-odds of the clip
    less those of the reference, but for ``unaccounted``, a share of it.
    """

    target: str
    reference: str
    before: float
    after: float
    added: dict[str, np.ndarray]
    unaccounted: float

    @property
    def probabilities(self) -> tuple[float, float]:
        """The probability of the target at the reference, and at the clip."""
        before, after = (float(1 / (1 + np.exp(-odds))) for odds in (self.before, self.after))
        return before, after

    def sums(self) -> dict[str, float]:
        """Return what each input adds as a whole."""
        return {name: float(each.sum(dtype=np.float64)) for name, each in self.added.items()}


def check_explainable(fitted: FittedModel, target: str | None) -> None:
    """Raise where a model cannot be explained, before anything is computed.

    Raises:
        MebenchError: captum is not installed, the model is no network, it looks at nothing, or it has no such class
            or action unit.
    """
    name = fitted.about["model"]
    if not _is_network(fitted.model):
        raise MebenchError(
            f"{name} is no torch network, and --explain follows a network's gradients: leave it out"
        )
    if not fitted.model.inputs():
        raise MebenchError(f"{name} looks at nothing: there is nothing to explain")
    if target is not None:
        known = [*fitted.about["classes"], *map(au_name, fitted.about["aus"])]
        if target not in known:
            raise UnknownNameError(f"class or action unit of {name}", target, known)
    _captum()


def explain(
    fitted: FittedModel, clip: UserClip, said: Said, target: str | None = None, reference: str = "still"
) -> Explanation:
    """Return where the network looked.

    Args:
        fitted: a torch model.
        clip: the clip.
        said: what the model said of it.
        target: a class or an action unit; the predicted class by default, or the likeliest action unit of a model
            without classes.
        reference: one of :data:`mebench.inference.references.REFERENCES`.

    Raises:
        MebenchError: see :func:`check_explainable`; or the network passes no gradient to what it sees.
    """
    check_explainable(fitted, target)
    if reference not in REFERENCES:
        raise UnknownNameError("reference", reference, REFERENCES)
    target = target or target_of(said)
    wanted = dict(fitted.model.inputs())
    start = references(wanted, said.inputs, clip.reader, reference)
    network = _Scored(fitted, target, wanted)
    shown, references_ = network.tensors(said.inputs), network.tensors(start)
    before, after = network.log_odds(references_), network.log_odds(shown)
    for steps in _STEPS:
        added = network.integrated(shown, references_, steps)
        total = sum(float(each.sum(dtype=np.float64)) for each in added.values())
        unaccounted = abs(total - (after - before)) / max(abs(after - before), 0.25)
        if unaccounted <= UNACCOUNTED:
            break
    same = all(np.array_equal(start[name], said.inputs[name]) for name in wanted)
    if not same and not any(each.any() for each in added.values()):
        raise MebenchError(
            f"the network of {fitted.about['model']} passes no gradient to its inputs: it cannot be explained so"
        )
    return Explanation(target, reference, before, after, added, unaccounted)


def target_of(said: Said) -> str:
    """Return what is explained where nothing is named: the predicted class, or else the likeliest action unit."""
    return said.predicted or max(said.aus, key=said.aus.__getitem__)


class _Scored:
    """A fitted network as one function of its inputs: the log-odds of a class or action unit, (B,)."""

    def __init__(self, fitted: FittedModel, target: str, wanted: Mapping[str, Input]) -> None:
        import torch

        self._model = cast("Any", fitted.model)
        self._torch, self._wanted = torch, wanted
        self._network = self._model.network_
        self._network.eval()
        self._device = next((p.device for p in self._network.parameters()), torch.device("cpu"))
        classes = list(fitted.about["classes"])
        self._class = classes.index(target) if target in classes else None
        self._au = [au_name(n) for n in fitted.about["aus"]].index(target) if self._class is None else None
        self._recurrent = any(isinstance(module, torch.nn.RNNBase) for module in self._network.modules())

    def tensors(self, arrays: Mapping[str, np.ndarray]) -> tuple[Any, ...]:
        """Return a clip's inputs as the network sees them, (1, ...) each."""
        from mebench.models.batches import Batch, to_tensor

        torch = self._torch
        inputs = {
            name: to_tensor(arrays[name][np.newaxis], each.kind).to(self._device)
            for name, each in self._wanted.items()
        }
        unknown = torch.zeros(1, dtype=torch.long), torch.zeros(1, 0)
        seen = self._model.prepared(Batch(inputs, *unknown)).inputs
        return tuple(seen[name].float() for name in self._wanted)

    def score(self, *inputs: Any) -> Any:
        """Return the log-odds of a batch."""
        scores, aus = self._model.outputs(self._network, dict(zip(self._wanted, inputs, strict=True)))
        if self._class is not None:
            odds = scores.float()
            others = [k for k in range(odds.shape[1]) if k != self._class]
            value = odds[:, self._class] - (odds[:, others].logsumexp(1) if others else 0)
        else:
            if aus is None:
                raise MebenchError("the network detects no action units as it is set: name a class")
            value = aus[:, self._au].float().logit(eps=1e-6)
        # What a network does not use gets a gradient of 0 instead of none.
        return value + sum(0 * each.flatten(1).sum(1) for each in inputs)

    def log_odds(self, inputs: tuple[Any, ...]) -> float:
        """Return the log-odds of one clip."""
        with self._torch.no_grad():
            return float(self.score(*inputs))

    def integrated(
        self, shown: tuple[Any, ...], reference: tuple[Any, ...], steps: int
    ) -> dict[str, np.ndarray]:
        """Return the integrated gradients of each input, without the batch's axis."""
        method = _captum().IntegratedGradients(self.score)
        # cuDNN refuses gradients of recurrent layers outside training.
        backend = self._torch.backends.cudnn.flags(enabled=False) if self._recurrent else nullcontext()
        with warnings.catch_warnings(), backend:
            warnings.simplefilter("ignore")
            found = method.attribute(shown, baselines=reference, n_steps=steps, internal_batch_size=8)
        return {
            name: each[0].detach().float().cpu().numpy()
            for name, each in zip(self._wanted, found, strict=True)
        }


def _is_network(model: object) -> bool:
    import sys

    # A model is a network only where torch is imported already.
    base = getattr(sys.modules.get("mebench.models.torch"), "TorchModel", None)
    return base is not None and isinstance(model, base)


def _captum() -> Any:
    try:
        import captum.attr
        import matplotlib  # noqa: F401 - the picture is drawn with it
    except ImportError as error:
        raise MebenchError(
            f"--explain needs captum, which cannot be imported ({error}): pip install 'mebench[explain]'"
        ) from error
    return captum.attr

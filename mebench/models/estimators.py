"""What a scikit-learn estimator has learnt, as arrays by name, and an estimator that gets it back.

arrays = learnt(make_pipeline(StandardScaler(), SVC()).fit(x, y))       # {"svc.support_vectors_": ..., ...}
again = make_pipeline(StandardScaler(), SVC())
put_learnt(again, arrays)                                               # predicts as the first one

What an estimator learns are its attributes beside its parameters: scikit-learn's own rule, by which it pickles, too.
Here nothing is unpickled: numbers, arrays of them, texts and tuples of numbers come back, and an estimator that learnt
other objects, as a forest does trees, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mebench.errors import MebenchError

# Behind a name: what the array was, where it was no array. No attribute has a colon in its name.
_NUMBER, _TUPLE, _TEXT, _NONE = ":number", ":tuple", ":text", ":none"


def learnt(estimator: Any) -> dict[str, np.ndarray]:
    """Return what a fitted estimator, or each step of a pipeline, has learnt.

    Raises:
        MebenchError: something of it is neither a number nor an array of numbers.
    """
    found = {}
    for prefix, step in _steps("", estimator):
        parameters = step.get_params(deep=False)
        for name, value in vars(step).items():
            if name not in parameters:
                kind, array = _as_array(step, name, value)
                found[f"{prefix}{name}{kind}"] = array
    return found


def put_learnt(estimator: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Give an unfitted estimator of the same parameters what :func:`learnt` returned.

    Raises:
        MebenchError: it is of a step that the estimator does not have, or the arrays of a support vector machine do not
            fit together.
    """
    steps = dict(_steps("", estimator))
    for key in arrays:
        name, colon, kind = key.partition(":")
        prefix, dot, attribute = name.rpartition(".")
        if prefix + dot not in steps:
            raise MebenchError(
                f"the weights are not those of this estimator: they have {key}, and it has no step {prefix!r}"
            )
        setattr(steps[prefix + dot], attribute, _as_it_was(arrays[key], colon + kind))
    for step in steps.values():
        if hasattr(step, "_dual_coef_"):
            _refuse_torn(step)


def _refuse_torn(machine: Any) -> None:
    """Raise where arrays of a support vector machine are of other sizes than its vectors and classes ask for.

    libsvm takes their sizes on trust: it would read beyond their ends, and say something all the same.
    """
    vectors, classes = len(machine.support_vectors_), len(machine.classes_)
    pairs = classes * (classes - 1) // 2
    due: dict[str, list[tuple[int, ...]]] = {
        "support_": [(vectors,)],
        "_n_support": [(classes,)],
        "_dual_coef_": [(classes - 1, vectors)],
        "_intercept_": [(pairs,)],
        "_probA": [(0,), (pairs,)],
        "_probB": [(0,), (pairs,)],
    }
    for name, shapes in due.items():
        if (shape := np.shape(getattr(machine, name))) not in shapes:
            raise MebenchError(
                f"the weights are not those of this {type(machine).__name__} of {vectors} support vectors and "
                f"{classes} classes: they have {name} of shape {shape}, not {shapes[-1]}"
            )
    if (counts := machine._n_support).min(initial=0) < 0 or counts.sum() != vectors:
        raise MebenchError(
            f"the weights are not those of this {type(machine).__name__}: its classes have {counts.tolist()} support "
            f"vectors, and there are {vectors}"
        )


def _steps(prefix: str, estimator: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(estimator, "get_params"):
        return  # "passthrough" in a pipeline
    yield prefix, estimator
    for name, step in getattr(estimator, "steps", ()):
        yield from _steps(f"{prefix}{name}.", step)


def _as_array(estimator: Any, name: str, value: Any) -> tuple[str, np.ndarray]:
    if value is None:
        return _NONE, np.zeros(0, np.uint8)
    if isinstance(value, str):
        return _TEXT, np.frombuffer(value.encode(), np.uint8)
    array = (
        np.asarray(value) if isinstance(value, (np.ndarray, np.generic, bool, int, float, tuple)) else None
    )
    if array is None or array.dtype.kind not in "biuf":
        raise MebenchError(
            f"{type(estimator).__name__} cannot be kept: it learns {name}, {_a(type(value).__name__)}, and only "
            "numbers and arrays of them are kept: use another estimator, or a state() and restore() of your own"
        )
    if isinstance(value, tuple):
        return _TUPLE, array
    return ("" if isinstance(value, (np.ndarray, np.generic)) else _NUMBER), array


def _as_it_was(array: np.ndarray, kind: str) -> Any:
    if kind == _NONE:
        return None
    if kind == _TEXT:
        return array.tobytes().decode()
    if kind == _TUPLE:
        return tuple(array.tolist())
    return array.item() if kind == _NUMBER else array[()]


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"

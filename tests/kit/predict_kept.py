"""A process that loads kept models and asks each, as somebody else's would.

    python -m predict_kept TESTS FOLDER...      (TESTS: a pickled list of test clips, one for each folder)

It prints a line of JSON for each: probabilities and action units as their bytes in hexadecimal, or what went wrong.
"""

from __future__ import annotations

import json
import pickle
import sys
import traceback
from pathlib import Path

from mebench.models.base import Predictions
from mebench.models.fitted import load_fitted
from mebench.plugin.loading import load_plugins


def hexadecimal(said: Predictions) -> list[str]:
    """Return the bytes of predictions."""
    return ["" if each is None else each.tobytes().hex() for each in (said.probabilities, said.aus)]


if __name__ == "__main__":
    registry = load_plugins().registry
    for test, folder in zip(pickle.loads(Path(sys.argv[1]).read_bytes()), sys.argv[2:], strict=True):
        try:
            print(json.dumps(hexadecimal(load_fitted(Path(folder), registry).model.predict(test))))
        except Exception:
            print(json.dumps(traceback.format_exc()))

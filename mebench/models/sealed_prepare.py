"""The sealed side of a model's preparation.

work(channel, assignment)       # in a process with the network, and without any dataset
"""

from __future__ import annotations

import pickle
import traceback
import warnings
from typing import Any

from mebench.errors import MebenchError, sentence_of
from mebench.models.base import reads_of
from mebench.plugin.target import imported
from mebench.sealed.channel import Channel
from mebench.sealed.denied import explain_denied
from mebench.torchvision_shim import watch_torchvision

# Before the model's module, which may import torchvision.
watch_torchvision()


def work(channel: Channel, assignment: bytes) -> None:
    """Make a model of its settings, let it prepare itself, and say what its contents are.

    ``assignment`` is a pickle of the seal and of a pickle: the user's file that the model is in (or None), which makes
    its module importable, its target and its settings.
    """
    seal, inner = pickle.loads(assignment)
    said: dict[str, Any] = {"step": "__init__()"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            _file, target, settings = pickle.loads(inner)
            kind = imported(target)
            model = kind(kind.Settings(**settings))
            reads_of(model.settings).clear()  # checking settings is no use of them
            said["step"] = "prepare()"
            channel.send({"preparing": True})
            model.prepare()
            said["step"] = "contents()"
            contents = dict(model.contents())
            if not all(isinstance(each, str) for pair in contents.items() for each in pair):
                raise TypeError(f"it gave {contents} where name -> hash is due")
            said["contents"] = contents
            said["reads"] = sorted(reads_of(model.settings))
        except BaseException as error:
            traceback.print_exc()
            said["of"] = "MebenchError" if isinstance(error, MebenchError) else ""
            said["failed"] = explain_denied(error, seal) or sentence_of(error)
    said["warnings"] = [[each.category.__name__, str(each.message)] for each in caught]
    channel.send(said)

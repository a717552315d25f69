"""Why something failed in a sealed process, told so that an honest author understands.

explain_denied(error, seal)     # "it tried to open /data/labels.csv, which ..." or None
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
import traceback
from collections.abc import Iterator

from mebench.sealed.audit_hook import is_beneath
from mebench.sealed.readable import SYSTEM_READ, SYSTEM_USE
from mebench.sealed.seal import Seal

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_SOCKETS = (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)
_RULE = (
    "which a sealed process may not: it reads Python, its libraries, its own code and the files that its "
    "settings name, and writes below $TMPDIR (docs/isolation.md)"
)


def explain_denied(error: BaseException, seal: Seal) -> str | None:
    """Return one sentence with the path and the rule where the seal refused something; None where it did not.

    Call it in the sealed process, whose temporary folder is the one that it may write.
    """
    for each in _chain(error):
        if not isinstance(each, OSError):
            continue
        if each.filename is not None and each.errno in _REFUSED:
            paths = [name for name in (each.filename, each.filename2) if isinstance(name, str | bytes)]
            for path in map(os.fsdecode, paths):
                if (done := _what_was_refused(path, seal)) is not None:
                    return f"it tried to {done} {path}, {_RULE}"
        elif not seal.network and _is_of_network(each):
            return (
                "it tried to use the network, which a sealed process has not: fetch weights in prepare(), or name a "
                "file in its settings (docs/isolation.md)"
            )
    return None


def _is_of_network(error: OSError) -> bool:
    if isinstance(error, socket.gaierror) or error.errno in _SOCKETS:
        return True
    # The filter of system calls says no more than that it is not permitted.
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return error.errno in _REFUSED and socket.__file__ in frames


def _what_was_refused(path: str, seal: Seal) -> str | None:
    real = os.path.realpath(path)
    if is_beneath(real, (*seal.writable, os.path.realpath(tempfile.gettempdir()), *SYSTEM_USE)):
        return None
    return "write" if is_beneath(real, (*seal.readable, *seal.executable, *SYSTEM_READ)) else "open"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__

"""The seal: what a process may still do, written down in the main process and put into force in the sealed one.

seal = make_seal(code=[folder], readable=[weights], protected=[datasets, runs])
apply(seal, private)        # "landlock-7, netns": in the process that is to be sealed, before it has threads
available()                 # what this machine could give
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mebench.sealed import landlock
from mebench.sealed.audit_hook import Allowed, watch, watch_sockets
from mebench.sealed.capabilities import drop_capabilities
from mebench.sealed.in_force import AUDIT, CALLS, NETWORK, NONE, WRITES
from mebench.sealed.limits import limit
from mebench.sealed.namespaces import SHARED_MEMORY, close_mounts, leave_network
from mebench.sealed.readable import SYSTEM_READ, SYSTEM_USE, gpu_files, open_up, trusted_folders
from mebench.sealed.system_calls import refuse_calls

# For tests, and for machines where a part does harm: "landlock,netns,seccomp,audit" or "all".
WITHOUT = "MEBENCH_SEAL_WITHOUT"
# Where a network of its own is all that there is: any socket but those of services outside, which have a path.
_INTERNET = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True)
class Seal:
    """What a sealed process may do. Paths are absolute and real; none is here that it may not use."""

    readable: tuple[str, ...]
    writable: tuple[str, ...] = ()
    network: bool = False
    device: str = "cpu"
    executable: tuple[str, ...] = ()
    memory: int | None = None
    """Bytes of address space more than it has at the start; None: as much as the machine has; 0: no limit."""


def make_seal(
    *,
    code: Iterable[Path] = (),
    readable: Iterable[Path] = (),
    writable: Iterable[Path] = (),
    network: bool = False,
    device: str = "cpu",
    protected: Iterable[Path] = (),
    executable: Iterable[Path] = (),
    memory: int | None = None,
) -> Seal:
    """Return a seal that lets Python, its libraries, the core and what is named be read.

    Args:
        code: files and package folders of the plugin.
        readable: files and folders that settings name.
        writable: folders that may be written, too; the private folder always may.
        network: whether it may use the network.
        device: cpu or cuda, whose drivers and device files it may use.
        protected: what it must never read: an allowed folder that holds one of these is opened up into its children
            without it, and what ``readable`` and ``writable`` name inside of one is left out.
        executable: programs, or folders of them, that may be run beside the system's own.
        memory: as :attr:`Seal.memory`.
    """
    hidden = [os.path.realpath(each) for each in protected]
    needed = [*trusted_folders(), *map(os.path.realpath, code)]
    return Seal(
        readable=tuple(
            dict.fromkeys((*open_up(needed, hidden), *open_up(_real(readable), hidden, named=True)))
        ),
        writable=tuple(open_up(_real(writable), hidden, named=True)),
        network=network,
        device=device,
        executable=tuple(open_up(_real(executable), hidden, named=True)),
        memory=memory,
    )


def _real(paths: Iterable[Path]) -> list[str]:
    return [os.path.realpath(each) for each in paths]


def apply(seal: Seal, private: Path) -> str:
    """Seal this process for good and return what is in force, as ``landlock-7, netns`` or ``none``.

    Call it before there is any thread.

    Raises:
        OSError: the system has a part of it and refuses it all the same.
    """
    without = switched_off()
    limit(seal.memory, device=seal.device)
    writable = (*seal.writable, os.path.realpath(private))
    files = network = ""
    apart = mounts = False
    if not seal.network and "netns" not in without and (apart := leave_network()):
        network = NETWORK
        if mounts := close_mounts(writable, seal.readable):
            os.chdir(private)  # where it was, it is now read-only
            writable = (*writable, SHARED_MEMORY)
    drop_capabilities()
    landlock.no_new_privileges()
    if "seccomp" not in without:
        families = None if seal.network or (apart and mounts) else () if not apart else _INTERNET
        if refuse_calls(families=families, shared=apart) and not seal.network:
            network = network or CALLS
    if "landlock" not in without and (
        version := landlock.restrict(_rights(seal, writable), tcp=seal.network)
    ):
        files = f"landlock-{version}"
        if not seal.network and "audit" not in without:
            watch_sockets(writable)
    elif "audit" not in without:
        watch(_allowed(seal, writable), network=seal.network)
        files = AUDIT
    # Where others may write too, one could leave a word for the next.
    parts = [part for part in (files, network, WRITES if seal.writable else "") if part]
    return ", ".join(parts) if files or network else NONE


def _rights(seal: Seal, writable: tuple[str, ...]) -> list[tuple[str, int]]:
    return [
        *((path, landlock.RUN) for path in seal.readable),
        *((path, landlock.READ) for path in SYSTEM_READ),
        *((path, landlock.USE) for path in (*SYSTEM_USE, *(gpu_files() if seal.device != "cpu" else ()))),
        *((path, landlock.RUN) for path in seal.executable),
        *((path, landlock.WRITE) for path in writable),
    ]


def _allowed(seal: Seal, writable: tuple[str, ...]) -> Allowed:
    used = (*SYSTEM_USE, *(gpu_files() if seal.device != "cpu" else ()))
    return Allowed(
        readable=(*seal.readable, *map(os.path.realpath, SYSTEM_READ)),
        writable=(*writable, *used),
        executable=seal.executable,
    )


def switched_off() -> frozenset[str]:
    """Return the parts that :data:`WITHOUT` switches off: of ``landlock``, ``netns``, ``seccomp``, ``audit``."""
    named = {each.strip() for each in os.environ.get(WITHOUT, "").split(",")}
    return frozenset({"landlock", "netns", "seccomp", "audit"} if "all" in named else named - {""})


def available() -> str:
    """Return what this machine could give a sealed process, as :func:`apply` would say it, without sealing anything."""
    return _available(switched_off())


@cache
def _available(without: frozenset[str]) -> str:
    version = 0 if "landlock" in without else landlock.version()
    files = f"landlock-{version}" if version else "" if "audit" in without else AUDIT
    network = NETWORK if "netns" not in without and _can("namespaces", "leave_network()") else ""
    if not network and "seccomp" not in without:
        network = CALLS if _can("system_calls", "refuse_calls(families=(), shared=False)") else ""
    return ", ".join(filter(None, (files, network))) or NONE


def _can(module: str, call: str) -> bool:
    """Try it in a process of its own, which then ends."""
    here = str(Path(__file__).parents[2])
    tried = (
        f"import sys; sys.path.insert(0, {here!r}); from mebench.sealed.landlock import no_new_privileges as none; "
        f"from mebench.sealed.{module} import *; none(); raise SystemExit(not {call})"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", tried],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0

"""A filter of system calls (seccomp), for what neither Landlock nor a namespace keeps away.

Always refused: looking into other processes' memory, keys and measurements of the kernel that all processes of a user
share. Where there are no namespaces of its own: sockets, shared memory and queues of System V.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import sys
from collections.abc import Iterable

# Numbers by machine: the architecture's own in an audit record, then the calls (from <asm/unistd.h>).
_CALLS = {
    "x86_64": {
        "arch": 0xC000003E,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
        "add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321,
        "open_by_handle_at": 304, "setns": 308, "mount_setattr": 442, "io_uring_setup": 425,
        "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "socket": 41, "socketpair": 53,
    },
    "aarch64": {
        "arch": 0xC00000B7,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "pidfd_getfd": 438,
        "add_key": 217, "request_key": 218, "keyctl": 219, "perf_event_open": 241, "bpf": 280,
        "open_by_handle_at": 265, "setns": 268, "mount_setattr": 442, "io_uring_setup": 425,
        "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180, "socket": 198, "socketpair": 199,
    },
}  # fmt: skip
_ALWAYS = (
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "add_key", "request_key", "keyctl",
    "perf_event_open", "bpf", "open_by_handle_at", "setns", "mount_setattr", "io_uring_setup",
)  # fmt: skip
_SHARED = ("shmget", "semget", "msgget", "mq_open")
_X32 = 0x40000000

# Instructions of the filter's machine, and where it finds what: struct seccomp_data.
_LOAD, _JUMP_EQUAL, _JUMP_OVER, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_SET_SECCOMP, _FILTER = 22, 2
_DATAGRAM, _TYPE = 2, 0xF


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def refuse_calls(*, families: Iterable[int] | None, shared: bool) -> bool:
    """Refuse system calls from now on, here and in all that is started; tell whether this system can.

    Call it when no new privileges can be had (:func:`mebench.sealed.landlock.no_new_privileges`).

    Args:
        families: the families of sockets that may be made, None for all.
        shared: whether shared memory, semaphores and queues by key or name may be used.
    """
    numbers = _CALLS.get(platform.machine())
    if numbers is None or not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        return False
    code = _code(numbers, None if families is None else tuple(families), shared)
    program = _Program(len(code), (_Instruction * len(code))(*code))
    done = ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
    return int(done) == 0


def _code(numbers: dict[str, int], families: tuple[int, ...] | None, shared: bool) -> list[_Instruction]:
    refuse = _Instruction(_RETURN, 0, 0, _REFUSE | errno.EPERM)
    code = [
        _Instruction(_LOAD, 0, 0, _ARCH),
        _Instruction(_JUMP_EQUAL, 1, 0, numbers["arch"]),
        refuse,
        _Instruction(_LOAD, 0, 0, _NUMBER),
    ]
    if numbers["arch"] == _CALLS["x86_64"]["arch"]:  # the same calls by other numbers
        code += [_Instruction(_JUMP_OVER, 0, 1, _X32), refuse]
    for name in (*_ALWAYS, *(() if shared else _SHARED)):
        code += [_Instruction(_JUMP_EQUAL, 0, 1, numbers[name]), refuse]
    if families is not None:
        no_socket = _Instruction(_RETURN, 0, 0, _REFUSE | errno.EACCES)
        code += [_Instruction(_JUMP_EQUAL, 0, 2 + len(families) + bool(families), numbers["socket"])]
        code += [_Instruction(_LOAD, 0, 0, _FIRST)]
        code += [
            _Instruction(_JUMP_EQUAL, len(families) - place, 0, family)
            for place, family in enumerate(families)
        ]
        code += [no_socket]
        if families:
            code += [_Instruction(_RETURN, 0, 0, _ALLOW)]
        if socket.AF_UNIX not in families:
            # A datagram socket of a pair can still be pointed elsewhere; one of a stream cannot.
            code += [
                _Instruction(_LOAD, 0, 0, _NUMBER),
                _Instruction(_JUMP_EQUAL, 0, 4, numbers["socketpair"]),
                _Instruction(_LOAD, 0, 0, _SECOND),
                _Instruction(_AND, 0, 0, _TYPE),
                _Instruction(_JUMP_EQUAL, 0, 1, _DATAGRAM),
                no_socket,
            ]
    return [*code, _Instruction(_RETURN, 0, 0, _ALLOW)]

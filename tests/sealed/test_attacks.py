"""What a sealed process cannot do, tried by code that means to."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from sealed_text import frames_of, said, started, text_seal

from mebench.sealed import landlock
from mebench.sealed.seal import available
from mebench.sealed.wire import WireFault

# Tries each attack and tells how it went: what it got, or the error.
_TRY = """
import ctypes, errno, os, pathlib, signal, socket, subprocess, sys, multiprocessing
def tried(attack):
    try:
        return repr(attack())[:200]
    except BaseException as error:
        return type(error).__name__
libc = ctypes.CDLL(None, use_errno=True)
def called(name, *arguments):
    result = getattr(libc, name)(*arguments)
    return 'refused' if result in (-1, 2**64 - 1) else result
"""
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with labels, as a dataset, a run or a cache would be."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "labels.csv").write_text("clip,emotion\n")
    (folder / "link.csv").symlink_to("labels.csv")
    return folder


def outcomes(attacks: dict[str, str], **options: Any) -> dict[str, str]:
    text = _TRY + "".join(f"say(**{{{name!r}: tried(lambda: ({code}))}})\n" for name, code in attacks.items())
    return {name: value for words in said(text, **options) for name, value in words.items()}


@needs_landlock
def test_nothing_outside_is_read_or_written(secret: Path) -> None:
    labels, folder = str(secret / "labels.csv"), str(secret)
    found = outcomes(
        {
            "read": f"open({labels!r}).read()",
            "link": f"open({str(secret / 'link.csv')!r}).read()",
            "list": f"os.listdir({folder!r})",
            "around": f"open('/proc/self/root{labels}').read()",
            "own link": f"(os.symlink({labels!r}, 'l'), open('l').read())",
            "hard link": f"(os.link({labels!r}, 'h'), open('h').read())",
            "cat": f"subprocess.run(['cat', {labels!r}], check=True)",
            "append": f"open({labels!r}, 'a')",
            "remove": f"os.remove({labels!r})",
            "make": f"open({str(secret / 'new')!r}, 'w')",
            "move": f"os.rename({labels!r}, 'moved')",
            "truncate": f"os.truncate({labels!r}, 0)",
            "library": "open(os.__file__, 'a')",
            "core": f"open({str(Path(landlock.__file__))!r}, 'a')",
            "temporary": f"os.listdir({str(secret.parent)!r})",
            "system": "open('/etc/passwd')",
        }
    )
    refused = {"PermissionError", "OSError", "CalledProcessError"}
    assert not {name: value for name, value in found.items() if value not in refused}
    assert (secret / "labels.csv").read_text() == "clip,emotion\n"
    assert sorted(each.name for each in secret.iterdir()) == ["labels.csv", "link.csv"]


@needs_landlock
def test_no_other_process_is_looked_into() -> None:
    main = os.getpid()
    found = outcomes(
        {
            f"{whose} {what}": code.format(pid)
            for whose, pid in (("main", main), ("supervisor", "os.getppid()"), ("first", 1))
            for what, code in {
                "memory": "open(f'/proc/{{{0}}}/mem', 'rb')",
                "command line": "open(f'/proc/{{{0}}}/cmdline').read()",
                "environment": "open(f'/proc/{{{0}}}/environ').read()",
                "descriptors": "os.listdir(f'/proc/{{{0}}}/fd')",
                "folder": "os.listdir(f'/proc/{{{0}}}/cwd/')",
                "root": "os.listdir(f'/proc/{{{0}}}/root/')",
                "trace": "called('ptrace', 16, {0}, 0, 0)",
                "reading": "called('process_vm_readv', {0}, None, 0, None, 0, 0)",
            }.items()
        }
    )
    assert not {name: value for name, value in found.items() if value not in ("PermissionError", "'refused'")}


def test_its_own_state_tells_nothing_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEBENCH_DATA_CASME2", "/a/secret")
    found = outcomes(
        {
            "environment": "open('/proc/self/environ').read()",
            "command line": "open('/proc/self/cmdline').read()",
            "now": "dict(os.environ)",
            "arguments": "sys.argv",
            "descriptors": "[os.readlink(f'/proc/self/fd/{n}') for n in range(4)], os.listdir('/proc/self/fd')",
            "threads": "len(os.listdir('/proc/self/task'))",
        }
    )
    assert not [name for name, value in found.items() if "secret" in value or "pytest" in value]
    links = eval(found["descriptors"])[0]
    assert links[0] == "/dev/null"
    assert [each.partition(":")[0] for each in links[1:]] == ["pipe", "pipe", "socket"]
    assert len(eval(found["descriptors"])[1]) == 5, "the four, and the listing's own"


@pytest.mark.skipif(
    "netns" not in available() and "seccomp" not in available(), reason="nothing keeps it from networks"
)
def test_there_is_no_network(tmp_path: Path) -> None:
    abstract, path = f"mebench-test-{os.getpid()}", tmp_path / "s"
    with (
        socket.socket() as tcp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as lying,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        named.bind("\0" + abstract)
        named.listen()
        lying.bind(str(path))
        lying.listen()
        udp.bind(("127.0.0.1", 0))
        found = outcomes(
            {
                "tcp": f"socket.create_connection(('127.0.0.1', {tcp.getsockname()[1]}))",
                "udp": f"socket.socket(type=2).sendto(b'x', ('127.0.0.1', {udp.getsockname()[1]}))",
                "abstract": f"socket.socket(1).connect('\\0{abstract}')",
                "path": f"socket.socket(1).connect({str(path)!r})",
                "listen": "socket.create_server(('127.0.0.1', 8765))",
                "name": "socket.getaddrinfo('example.org', 80)",
            }
        )
    assert not {name: value for name, value in found.items() if not value.endswith(("Error", "error"))}, path


@needs_landlock
def test_nothing_outside_is_signalled() -> None:
    found = outcomes({"main": f"os.kill({os.getpid()}, 0)", "supervisor": "os.kill(os.getppid(), 0)"})
    if landlock.version() >= 6:
        assert found == {"main": "PermissionError", "supervisor": "PermissionError"}


@needs_landlock
def test_no_word_passes_from_one_to_the_next() -> None:
    """Shared memory of both kinds, keys, the times and modes of files that both may read."""
    leave = (
        "pathlib.Path('/dev/shm/note').write_text('x') if os.access('/dev/shm', os.W_OK) else None,"
        "called('shmget', 0x6d6562, 4096, 0o1666), called('mq_open', b'/note', 0o102, 0o600, None)"
    )
    outcomes({"leave": leave})
    find = "os.path.exists('/dev/shm/note'), called('shmget', 0x6d6562, 4096, 0o666), called('mq_open', b'/note', 0)"
    found = outcomes({"find": find, "key": "called('syscall', 248, b'user', b'n', b'x', 1, -4)"})
    assert found == {"find": "(False, 'refused', 'refused')", "key": "'refused'"}
    assert not Path("/dev/shm/note").exists()
    if "netns" in available():
        before = Path(os.__file__).stat()
        assert outcomes(
            {"times": "os.utime(os.__file__, (1, 1))", "mode": "os.chmod(os.__file__, 0o644)"}
        ) == {
            "times": "OSError",
            "mode": "OSError",
        }
        assert Path(os.__file__).stat().st_mtime == before.st_mtime


def test_code_that_may_be_read_is_imported_and_its_neighbours_are_not(tmp_path: Path) -> None:
    for name in ("their_package", "their_package/inner", "neighbour"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("VALUE = 1\n")
    seal = text_seal(code=[tmp_path / "their_package"])
    found = outcomes(
        {
            "package": "__import__('their_package.inner', fromlist=['VALUE']).VALUE",
            "neighbour": f"(sys.path.append({str(tmp_path)!r}), __import__('neighbour'))",
        },
        seal=seal,
    )
    assert found["package"] == "1"
    if landlock.version():
        assert found["neighbour"] == "ModuleNotFoundError"


@pytest.mark.parametrize(
    ("bytes_", "why"),
    [
        ("b'x' * 16", "is no frame"),
        ("struct.pack('<4sIQ', b'mbf1', 1 << 31, 0)", "longer than allowed"),
        ("struct.pack('<4sIQ', b'mbf1', 2, 1 << 32)", "longer than allowed"),
        ("struct.pack('<4sIQ', b'mbf1', 3, 0) + b'{{{'", "no strict JSON"),
        ("struct.pack('<4sIQ', b'mbf1', 2, 0) + b'{}'", "holds a message"),
    ],
)
def test_a_frame_that_is_none_is_told_and_no_memory_taken(bytes_: str, why: str) -> None:
    text = f"import os, struct, time; os.write(3, {bytes_}); time.sleep(20)"
    with started(text) as process, pytest.raises(WireFault, match=why):
        frames_of(process)


def test_a_frame_that_never_ends_is_in_the_log() -> None:
    with started("import os, struct; os.write(3, struct.pack('<4sIQ', b'mbf1', 100, 0) + b'{')") as process:
        assert frames_of(process) == []
        assert process.ended == 0
        assert "never ended" in process.take_log().decode()


def test_a_frame_larger_than_the_caller_allows_is_refused() -> None:
    text = "import numpy; channel.send({}, {'a': numpy.zeros(10_000)})"
    with started(text, limit=1000) as process, pytest.raises(WireFault, match="longer than allowed"):
        frames_of(process)

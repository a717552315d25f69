"""What a seal allows, how much of it a machine can put into force, and how a refusal is told."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from sealed_text import frames_of, said, started, text_seal

from mebench.sealed import landlock
from mebench.sealed.denied import explain_denied
from mebench.sealed.environment import kept_environment
from mebench.sealed.importing import places_of
from mebench.sealed.in_force import is_full
from mebench.sealed.preload import trusted_modules, trusted_packages
from mebench.sealed.readable import open_up
from mebench.sealed.seal import Seal, available, make_seal

CORE = str(Path(landlock.__file__).parents[1])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/data/labels", "a/code/deep", "b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "file").touch()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "a" / "data")
    return tmp_path.resolve()


def below(tree: Path, *names: str) -> list[str]:
    return [str(tree / name) for name in names]


def test_a_folder_that_holds_something_hidden_is_opened_up(tree: Path) -> None:
    assert open_up([str(tree)], below(tree, "a/data")) == below(tree, "a/code", "a/file", "b")
    assert open_up([str(tree)], below(tree, "a/later")) == below(tree, "a/code", "a/data", "a/file", "b")
    assert open_up(below(tree, "b"), below(tree, "a")) == below(tree, "b")
    assert open_up([str(tree)], [str(tree)]) == []


def test_what_lies_inside_of_something_hidden_is_left_out_where_somebody_named_it(tree: Path) -> None:
    assert open_up(below(tree, "a/data/labels"), below(tree, "a/data"), named=True) == []
    assert open_up(below(tree, "a/code"), below(tree, "a"), named=False) == below(tree, "a/code"), (
        "as Python must be"
    )


def test_a_seal_has_python_the_core_and_what_is_named_and_no_more(tree: Path) -> None:
    seal = make_seal(
        code=[tree / "a/code"],
        readable=[tree / "a/link/labels", tree / "b"],
        writable=[tree / "b"],
        protected=[tree / "a/data"],
    )
    assert {CORE, os.path.realpath(sys.prefix), *below(tree, "a/code", "b")} <= set(seal.readable)
    assert seal.writable == tuple(below(tree, "b"))
    assert not [each for each in seal.readable if "labels" in each], "a link does not lead around"
    assert os.path.realpath(".") not in seal.readable


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_what_is_named_is_allowed(tree: Path) -> None:
    (tree / "b" / "weights").write_text("w")
    script = tree / "a" / "run.sh"
    script.write_text("#!/bin/sh\necho ran\n")
    script.chmod(0o755)
    text = (
        "import subprocess, pathlib\n"
        f"say(read=open({str(tree / 'b' / 'weights')!r}).read())\n"
        f"pathlib.Path({str(tree / 'a/code/made')!r}).write_text('x')\n"
        f"say(ran=subprocess.run([{str(script)!r}], capture_output=True, text=True).stdout)"
    )
    seal = text_seal(readable=[tree / "b"], writable=[tree / "a/code"], executable=[script])
    assert said(text, seal) == [{"read": "w"}, {"ran": "ran\n"}]
    assert (tree / "a/code/made").read_text() == "x"


def test_a_network_is_there_where_the_seal_says_so() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        text = (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]})); say(ok=True)"
        )
        assert said(text, text_seal(network=True)) == [{"ok": True}]


def test_memory_has_a_limit() -> None:
    text = "import numpy\ntry: numpy.ones(1 << 30, 'u1')\nexcept MemoryError: say(full=True)"
    assert said(text, text_seal(memory=1 << 29)) == [{"full": True}]
    assert said("import numpy; numpy.empty(1 << 28, 'u1')", text_seal(memory=1 << 29)) == []


def test_a_crash_leaves_no_image_of_memory() -> None:
    assert said("import resource; say(core=resource.getrlimit(resource.RLIMIT_CORE))") == [{"core": [0, 0]}]


@pytest.mark.parametrize(
    ("without", "in_force"),
    [
        ("landlock", "audit hook"),
        ("netns,seccomp", f"landlock-{landlock.version()}" if landlock.version() else "audit hook"),
        ("landlock,netns,seccomp", "audit hook"),
        ("landlock,netns,seccomp,audit", "none"),
        ("all", "none"),
    ],
)
def test_parts_that_are_switched_off_are_not_said_to_be_in_force(
    without: str, in_force: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEBENCH_SEAL_WITHOUT", without)
    with started("say(n=1)") as process:
        assert frames_of(process)[0].message == {"n": 1}
        assert process.isolation.split(", ")[0] == in_force
        assert process.isolation == available()
        assert not is_full(process.isolation)


def test_full_is_files_by_the_kernel_and_no_network() -> None:
    assert is_full("landlock-7, netns")
    assert is_full("landlock-1, seccomp")
    for less in ("landlock-7", "audit hook, netns", "audit hook", "none", ""):
        assert not is_full(less)


def test_where_the_kernel_cannot_python_itself_refuses(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEBENCH_SEAL_WITHOUT", "landlock,netns,seccomp")
    (tree / "a/data/labels.csv").write_text("x")
    labels = str(tree / "a/data/labels.csv")
    attempts = [
        f"open({labels!r})",
        f"os.open({labels!r}, 0)",
        f"os.listdir({str(tree)!r})",
        f"list(os.scandir({str(tree)!r}))",
        f"os.symlink({labels!r}, 'l') or open('l')",
        f"os.chdir({str(tree / 'a/data')!r}) or open('labels.csv')",
        f"os.remove({labels!r})",
        f"os.rename({labels!r}, 'moved')",
        f"__import__('subprocess').run(['cat', {labels!r}])",
        f"os.system('cat {labels}')",
        f"os.execv('/bin/cat', ['cat', {labels!r}])",
        "__import__('socket').create_connection(('127.0.0.1', 9))",
        "os.kill(os.getppid(), 0)",
        "open('/etc/passwd')",
    ]
    text = "import os, numpy, tempfile\n" + "".join(
        f"try: say(got=repr({each}))\nexcept PermissionError: say(refused={each!r})\n" for each in attempts
    )
    text += "tempfile.TemporaryFile().write(b'x'); open('own', 'w').write('x'); say(own=open('own').read())"
    assert said(text) == [*({"refused": each} for each in attempts), {"own": "x"}]


def test_a_refusal_is_told_with_the_path_and_the_rule(tree: Path) -> None:
    labels = str(tree / "b" / "labels.csv")
    Path(labels).touch()
    text = (
        "from mebench.sealed.denied import explain_denied\n"
        f"from mebench.sealed.seal import Seal\nseal = Seal(({CORE!r},))\n"
        "import os, pathlib, socket, urllib.request\n"
        "def told(attempt):\n"
        "    try: attempt()\n"
        "    except Exception as error: say(why=explain_denied(error, seal))\n"
        f"told(lambda: open({labels!r}))\n"
        f"told(lambda: open({CORE!r} + '/new', 'w'))\n"
        "told(lambda: urllib.request.urlopen('http://192.0.2.1'))\n"
        "told(lambda: open('missing'))\n"
        "os.mkdir('shut', 0); told(lambda: open('shut', 'w'))\n"
        "told(lambda: 1 / 0)\n"
    )
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    opened, written, network, *others = [message["why"] for message in said(text)]
    rule = (
        "which a sealed process may not: it reads Python, its libraries, its own code and the files that its"
    )
    assert opened.startswith(f"it tried to open {labels}, {rule}")
    assert written.startswith(
        (f"it tried to write {CORE}/new, {rule}", f"it tried to open {CORE}/new, {rule}")
    )
    assert network.startswith("it tried to use the network, which a sealed process has not")
    assert others == [None, None, None]


def test_an_error_behind_another_is_explained_too() -> None:
    error = RuntimeError("cannot load")
    error.__cause__ = PermissionError(13, "Permission denied", "/somewhere/labels.csv")
    told = explain_denied(error, Seal(()))
    assert told is not None
    assert "/somewhere/labels.csv" in told


def test_the_environment_holds_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MEBENCH_DATA_CASME2", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    kept = kept_environment()
    assert "secret" not in kept.values()
    assert kept["CUDA_VISIBLE_DEVICES"] == "1"
    assert kept["PYTHONHASHSEED"] == "0"
    assert "secret" in kept_environment(network=True).values(), (
        "what a hub asks for, where there is a network"
    )


def test_names_of_code_are_those_that_the_path_gives(tree: Path) -> None:
    for name in ("a/code", "a/code/deep"):
        (tree / name / "__init__.py").touch()
    (tree / "b" / "single.py").touch()
    found = places_of(below(tree, "a/code", "b/single.py", "a/file", "a/data"), [str(tree)])
    assert found == {
        "a.code": str(tree / "a/code"),
        "code": str(tree / "a/code"),
        "b.single": str(tree / "b/single.py"),
        "single": str(tree / "b/single.py"),
    }


def test_only_libraries_that_mebench_asks_for_are_imported_ahead() -> None:
    import numpy  # noqa: F401

    assert {"numpy", "pandas", "sklearn", "PIL"} <= trusted_packages()
    found = trusted_modules()
    assert "numpy.linalg" in found
    assert not [name for name in found if name.startswith(("mebench", "sealed_text", "pytest"))]

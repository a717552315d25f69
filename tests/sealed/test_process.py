"""A sealed process from start to end: what it is told, what it says, and that nothing of it stays."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sealed_text import frames_of, said, started, text_seal

from mebench.errors import MebenchError
from mebench.sealed.process import wait_any
from mebench.sealed.seal import available
from mebench.sealed.starting import close_server, start_server
from mebench.sealed.supervisor import below


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(true, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not (held := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return held


def test_it_is_sent_arrays_and_answers_with_arrays() -> None:
    text = (
        "frame = channel.receive(); channel.send(frame.message, {n: a * 2 for n, a in frame.arrays.items()})"
    )
    sent = {
        "pixels": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "none": np.empty((0, 3)),
        "one": np.array(2.5),
    }
    with started(text) as process:
        process.send({"n": 1, "text": "é\n"}, sent)
        (frame,) = frames_of(process)
    assert frame.message == {"n": 1, "text": "é\n"}
    for name, array in sent.items():
        np.testing.assert_array_equal(frame.arrays[name], array * 2)
        assert frame.arrays[name].dtype == array.dtype


def test_what_it_is_sent_is_its_own_copy() -> None:
    array = np.zeros(5000)
    with started("a = channel.receive().arrays['a']; a += 1; say(sum=float(a.sum()))") as process:
        process.send({}, {"a": array})
        assert [frame.message for frame in frames_of(process)] == [{"sum": 5000.0}]
    assert not array.any()


def test_it_says_what_is_in_force() -> None:
    with started("say(isolation=channel.isolation)") as process:
        assert frames_of(process)[0].message == {"isolation": process.isolation}
    assert process.isolation == available()


def test_it_can_be_waited_for_however_long() -> None:
    with started("say(a=1)") as process:
        assert wait_any([process], 1e12) == [process]


@pytest.mark.parametrize("network", [True, False])
def test_a_library_that_was_imported_ahead_knows_whether_there_is_a_network(
    network: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = "huggingface_hub.constants"
    pytest.importorskip(ahead)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    text = f"import sys; c = sys.modules['{ahead}']; say(offline=c.HF_HUB_OFFLINE)"
    assert said(text, text_seal(network=network), preload=[ahead]) == [{"offline": not network}]


def test_what_it_prints_is_kept_up_to_the_limit() -> None:
    with started(
        "import sys; print('x' * 1000); sys.stderr.write('y' * 10_000_000)", log_limit=1500
    ) as process:
        frames_of(process)
        log = process.take_log().decode()
    assert log.startswith("x" * 1000 + "\n" + "y" * 499 + "\n[cut here: it printed more than 1,500 bytes]")
    assert len(log) < 1600


def test_an_exception_is_its_exit_status_and_in_the_log() -> None:
    with started("1 / 0") as process:
        assert frames_of(process) == []
        assert process.ended == 1
        assert "ZeroDivisionError" in process.take_log().decode()


def test_how_it_ended_is_told() -> None:
    for text, status in (("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL)):
        with started(text) as process:
            frames_of(process)
            assert process.ended == status


def test_a_process_that_is_gone_may_be_sent_to() -> None:
    with started("pass") as process:
        frames_of(process)
        process.send({"x": 1}, {"a": np.zeros(10)})


def test_a_reader_that_does_not_read_holds_nobody_up() -> None:
    with started("import time; time.sleep(60)") as process:
        start = time.monotonic()
        for _ in range(200):
            process.send({"text": "x" * 10_000})
        assert time.monotonic() - start < 2


def test_what_waited_to_be_sent_arrives() -> None:
    text = "import time; time.sleep(0.2); say(n=sum(len(channel.receive().message['t']) for _ in range(100)))"
    with started(text) as process:
        for _ in range(100):
            process.send({"t": "x" * 10_000})
        assert frames_of(process)[0].message == {"n": 1_000_000}


def test_its_folder_is_private_and_goes_with_it() -> None:
    text = (
        "import os, tempfile, pathlib\n"
        "pathlib.Path('left').write_text('x'); os.makedirs('a/b'); os.chmod('a', 0)\n"
        "mode = os.stat('.').st_mode & 0o777\n"
        "say(cwd=os.getcwd(), home=os.path.expanduser('~'), tmp=tempfile.gettempdir(), mode=mode)"
    )
    with started(text) as process:
        words = frames_of(process)[0].message
        private = str(process.private)
        assert words == {"cwd": private, "home": private, "tmp": private, "mode": 0o700}
    assert not process.private.exists()


@pytest.mark.parametrize("hidden", ["os.setsid()", "os.setpgid(0, 0)", "None"])
def test_nothing_that_it_started_survives_it(hidden: str) -> None:
    text = (
        "import os, time\n"
        "if not os.fork():\n"
        f"    {hidden}\n"
        "    if not os.fork():\n"
        "        say(pid=os.getpid()); time.sleep(60)\n"
        "    os._exit(0)\n"
        "os.wait(); time.sleep(0.2)"
    )
    with started(text) as process:
        (frame,) = frames_of(process)
        assert process.ended == 0
        assert not is_alive(frame.message["pid"])


def test_ending_it_kills_all_of_it() -> None:
    text = "import os, time\nif not os.fork(): os.setsid()\nsay(pid=os.getpid()); time.sleep(60)"
    with started(text) as process:
        pids = [frame.message["pid"] for frame in frames_of(process, most=2)]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))


def test_with_its_supervisor_killed_it_is_gone_too() -> None:
    with started(
        "import os, time\nif not os.fork(): os.setsid()\nsay(pid=os.getpid()); time.sleep(60)"
    ) as process:
        pids = [frame.message["pid"] for frame in frames_of(process, most=2)]
        os.kill(process.pids[0], signal.SIGKILL)
        frames_of(process)
        assert process.ended == -signal.SIGKILL
        assert until(lambda: not any(map(is_alive, pids)))


def test_with_a_supervisor_killed_the_others_go_on() -> None:
    with (
        started("say(n=channel.receive().message['n'])") as other,
        started("import time; time.sleep(60)") as process,
    ):
        for each in (process, other):
            assert until(lambda each=each: each.pump() == [] and each.isolation != "")
        os.kill(process.pids[0], signal.SIGKILL)
        frames_of(process)
        start = time.monotonic()
        assert said("say(n=1)") == [{"n": 1}], "the start server is not held up"
        assert time.monotonic() - start < 5
        other.send({"n": 2})
        assert frames_of(other)[0].message == {"n": 2}


def test_when_one_that_ended_is_not_ended_before_the_main_process_dies_its_folder_goes(
    tmp_path: Path,
) -> None:
    code = (
        "import os; from sealed_text import *\n"
        "p, q = started('pass'), started('import time; time.sleep(60)')\n"
        "frames_of(p); [q.pump() for _ in range(2000) if not q.pids and not __import__('time').sleep(0.005)]\n"
        "os.kill(q.pids[0], 9); frames_of(q); os.kill(os.getpid(), 9)"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert until(lambda: not list(tmp_path.glob("mebench-*")))


def test_a_start_server_that_was_killed_is_started_again_and_costs_nothing_that_runs() -> None:
    with started("say(n=channel.receive().message['n'])") as process:
        frames_of(process, most=0) or process.pump()
        until(lambda: process.pump() == [] and process.isolation != "")
        os.kill(start_server().pid, signal.SIGKILL)
        with started("say(n=2)") as other:
            assert frames_of(other)[0].message == {"n": 2}
        process.send({"n": 1})
        assert frames_of(process)[0].message == {"n": 1}


def test_a_start_server_that_dies_with_a_request_is_replaced() -> None:
    server = start_server()
    os.kill(server.pid, signal.SIGSTOP)
    with started("say(n=channel.receive().message['n'])") as process:
        process.send({"n": 1}, {"a": np.zeros(3)})
        os.kill(server.pid, signal.SIGKILL)
        assert frames_of(process)[0].message == {"n": 1}


def test_trusted_modules_are_there_and_the_environment_is_the_one_of_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("MEBENCH_DATA_CASME2", "/data")
    text = "import os, sys; say(there='colorsys' in sys.modules, env=dict(os.environ))"
    (words,) = said(text, preload=["colorsys", "no.such.module"])
    assert words["there"]
    assert words["env"]["OMP_NUM_THREADS"] == "3"
    assert "/data" not in words["env"].values()
    close_server()


def test_several_are_waited_for_at_once() -> None:
    with started("import time; time.sleep(60)") as slow, started("say(n=1)") as quick:
        until(lambda: slow.pump() == [] and slow.isolation != "")
        assert wait_any([slow, quick], 5) == [quick]
        frames_of(quick)
        assert wait_any([slow], 0) == []
        assert wait_any([slow, quick], 5) == [quick], "one that has ended is always ready"


@pytest.mark.parametrize("without", ["", "all"])
def test_when_the_main_process_is_killed_nothing_is_left(without: str) -> None:
    text = "import os, time\nif not os.fork(): os.setsid()\nsay(pid=os.getpid()); time.sleep(60)"
    code = (
        "import json, sys, time; from sealed_text import *; from mebench.sealed.starting import start_server\n"
        f"p = started({text!r}); pids = [f.message['pid'] for f in frames_of(p, most=2)]\n"
        "print(json.dumps([start_server().pid, *p.pids, *pids, str(p.private)]), flush=True); time.sleep(60)"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MEBENCH_SEAL_WITHOUT": without,
    }
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as main:
        assert main.stdout is not None
        *pids, private = json.loads(main.stdout.readline())
        assert all(map(is_alive, pids))
        assert Path(private).is_dir()
        main.kill()
    assert until(lambda: not any(map(is_alive, pids)))
    assert until(lambda: not Path(private).exists())


def test_threads_may_start_several_at_once() -> None:
    def run(n: int) -> int:
        return said(f"say(n={n})")[0]["n"]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(8))) == list(range(8))


def test_without_room_for_its_folder_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_server()  # which needs a temporary file of its own
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(
        MebenchError, match=r"no private folder .*No such file.*let TMPDIR name a folder with room"
    ):
        started("pass")


def test_without_memory_for_arrays_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with started("channel.receive()") as process:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(
            MebenchError, match=r"8 MiB of arrays cannot be given .*memory is full; use fewer --workers"
        ):
            process.send({}, {"a": np.zeros(1 << 20)})
        monkeypatch.undo()


def test_where_there_are_no_files_in_memory_a_deleted_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with started("say(sum=float(channel.receive().arrays['a'].sum()))") as process:
        process.send({}, {"a": np.ones(1000)})
        assert frames_of(process)[0].message == {"sum": 1000.0}


def test_a_start_server_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    close_server()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(
        MebenchError, match=r"the start server of sealed processes cannot be started .No such file"
    ):
        started("pass")


def test_a_start_server_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path, monkeypatch) -> None:
    close_server()
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho cannot open shared object >&2; exit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(MebenchError, match=r"start server of sealed processes .*: cannot open shared object"):  # noqa: SIM117
        with started("pass") as process:
            frames_of(process)
    close_server()


def test_one_that_has_not_started_ends_at_once_and_nothing_is_left() -> None:
    server = start_server()
    os.kill(server.pid, signal.SIGSTOP)
    start = time.monotonic()
    process = started("import time; time.sleep(60)")
    process.end()
    assert time.monotonic() - start < 2
    assert not process.private.exists()
    os.kill(server.pid, signal.SIGCONT)
    assert said("say(n=1)") == [{"n": 1}]
    assert until(lambda: not below(server.pid))

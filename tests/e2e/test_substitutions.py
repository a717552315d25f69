"""A disk that fails stops a run and leaves nothing; what a run had to bridge stands wherever its scores do."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bad_reads import unreadable_file
from PIL import Image

from mebench.data.clips.layout import forget_folders
from mebench.data.clips.table import ClipRow, clip_rows
from mebench.data.reading import read_clips
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, find_runs

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
RUN = ("run", "difference-svm", "casme3-4c", "--data", "data")

# Fails every second call of read(2) on a JPEG file, and leaves a letter for each in the file INJECTED.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static unsigned calls;
ssize_t read(int fd, void *buffer, size_t count) {
    static ssize_t (*next)(int, void *, size_t);
    if (!next) next = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length > 4 && !memcmp(name + length - 4, ".jpg", 4) && __sync_fetch_and_add(&calls, 1) % 2) {
        int log = open(getenv("INJECTED"), O_WRONLY | O_CREAT | O_APPEND, 0644);
        if (write(log, "x", 1)) {}
        close(log);
        errno = EIO;
        return -1;
    }
    return next(fd, buffer, count);
}
"""


@pytest.fixture
def data(tmp_path: Path, twin: Path) -> Path:
    """A copy of the twin where ``cli`` works."""
    return shutil.copytree(twin, tmp_path / "data")


def clips_of(registry: Registry, root: Path) -> list[tuple[ClipRow, dict[int, Path]]]:
    forget_folders()
    data = read_clips(load_dataset(registry, "casme3"), root)
    return [
        (clip, dict(zip(data.frames[clip.key].numbers, data.frames[clip.key].paths, strict=True)))
        for clip in clip_rows(data.table)
    ]


def left_behind(tmp_path: Path) -> list[Path]:
    """Records of folds and entries of the cache, whole or half."""
    cache = Path(os.environ["MEBENCH_CACHE"]) / "features"
    return [*tmp_path.glob("runs/*/*/folds/*.json"), *(path for path in cache.glob("*") if path.is_dir())]


def one_sentence(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
    (line,) = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    return line


def only_run(tmp_path: Path) -> RunDirectory:
    (directory,) = find_runs(tmp_path / "runs")
    return directory


def predictions(tmp_path: Path) -> dict[str, Any]:
    files = sorted(only_run(tmp_path).path.glob("folds/*.json"))
    return {file.name: json.loads(file.read_text())["predictions"] for file in files}


def test_a_failing_read_of_every_second_picture_leaves_no_cache_entry_and_no_record(
    tmp_path: Path, data: Path, twin: Path, cli: Cli
) -> None:
    pictures = sorted(data.rglob("*.jpg"))
    for path in pictures[::2]:
        path.unlink()
        path.symlink_to(unreadable_file())
    message = one_sentence(cli(*RUN, "--follow-links"))
    assert "Input/output error (tried 4 times)" in message
    assert str(Path("data")) in message
    assert not left_behind(tmp_path)

    shutil.rmtree(data)
    shutil.copytree(twin, data)
    assert cli(*RUN).returncode == 0
    mended = predictions(tmp_path)
    # What the same pictures give where no disk ever failed.
    shutil.rmtree(tmp_path / "runs")
    assert cli(*RUN, MEBENCH_CACHE=str(tmp_path / "other cache")).returncode == 0
    assert predictions(tmp_path) == mended


def test_every_second_call_that_fails_leaves_no_cache_entry_and_no_record(
    tmp_path: Path, data: Path, cli: Cli
) -> None:
    compiler = shutil.which("cc")
    if compiler is None or not Path("/proc/self/fd").exists():
        pytest.skip("making calls of the system fail needs Linux and a C compiler")
    (tmp_path / "shim.c").write_text(SHIM)
    shim = tmp_path / "shim.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(shim), str(tmp_path / "shim.c"), "-ldl"], check=True
    )
    injected = tmp_path / "injected"
    finished = cli(*RUN, LD_PRELOAD=str(shim), INJECTED=str(injected))
    assert injected.stat().st_size >= 4
    assert "Input/output error (tried 4 times)" in one_sentence(finished)
    assert not left_behind(tmp_path)


def test_what_a_run_bridged_stands_in_its_description_its_scores_and_the_tables(
    tmp_path: Path, data: Path, cli: Cli, registry: Registry
) -> None:
    clips = clips_of(registry, data)
    (first, frames), (second, others) = clips[0], clips[1]
    inner = next(n for n in frames if n not in (first.onset, first.apex, first.offset))
    frames[inner].unlink()
    assert second.apex - second.onset > 1, "the frame before the apex is another than the onset"
    others[second.apex].write_bytes(b"torn")
    tags = Image.Exif()
    tags[0x0112] = 6
    with Image.open(others[second.onset]) as picture:
        picture.save(others[second.onset], exif=tags)

    finished = cli(*RUN)
    assert finished.returncode == 0, finished.stderr
    said = (
        "1 frame of 1 clip is missing on disk; 1 picture of 1 clip could not be read and was bridged; "
        "1 picture of 1 clip was turned as its orientation tag says"
    )
    assert f"bridged: {said}" in " ".join(finished.stderr.split())
    assert f"bridged: {said}" in finished.stdout
    run = only_run(tmp_path)
    stored = run.read_run()["substitutions"]
    assert (stored["missing_frames"], stored["unreadable"], stored["turned"]) == (
        {"frames": 1, "clips": 1},
        {"pictures": 1, "clips": 1},
        {"pictures": 1, "clips": 1},
    )
    assert f"bridged: {said}" in cli("show", run.path.name).stdout
    assert json.loads(cli("show", run.path.name, "--json").stdout)["substitutions"] == stored
    assert cli("leaderboard", "build", "--out", "tables").returncode == 0
    table = tmp_path / "tables" / "synthetic" / "casme3-4c"
    assert f"bridged: {said}" in table.with_suffix(".md").read_text()
    with table.with_suffix(".csv").open(newline="") as file:
        assert [row["bridged"] for row in csv.DictReader(file)] == [said]

    # The cache is warm now.
    shutil.rmtree(tmp_path / "runs")
    assert cli(*RUN).returncode == 0
    assert only_run(tmp_path).read_run()["substitutions"] == stored


def test_a_clip_of_which_too_little_can_be_read_is_refused_and_goes_on_only_where_that_is_allowed(
    tmp_path: Path, data: Path, cli: Cli, registry: Registry
) -> None:
    clip, frames = clips_of(registry, data)[0]
    torn = sorted(frames)[-(len(frames) // 2) :]
    for number in {*torn, clip.apex, *range(clip.onset + 1, clip.apex)}:
        frames[number].write_bytes(b"torn")
    message = one_sentence(cli(*RUN))
    assert clip.key in message
    assert "--allow-dropped" in message
    assert not list(tmp_path.glob("runs/*/*/folds/*.json"))
    finished = cli(*RUN, "--allow-dropped")
    assert finished.returncode == 0, finished.stderr
    run = only_run(tmp_path).read_run()
    assert [kept["clip"] for kept in run["substitutions"]["kept"]] == [clip.key]
    assert "1 clip stays although too little can be read" in finished.stdout
    assert clip.key in only_run(tmp_path).cohort_file.read_text()

"""Frames: what goes in comes out, and nothing else is taken for one."""

from __future__ import annotations

import contextlib
import json
import os
import socket

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mebench.sealed.wire import MAGIC, PREFIX, Assembler, Frame, WireFault, decode, encode, pieces


def bytes_of(message, arrays=None) -> bytes:
    head, plain = encode(message, arrays or {})
    return head + b"".join(pieces(plain))


def frame_of(text: str, body: bytes = b"") -> Frame:
    return decode(text.encode(), np.frombuffer(body, np.uint8))


def arrived(data: bytes, limit: int = 1 << 20, piece: int = 1 << 20) -> list[Frame]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    frames: list[Frame] = []
    with ours, theirs:
        assembler = Assembler(limit)
        for start in range(0, len(data), piece):
            theirs.sendall(data[start : start + piece])
            frames += assembler.read(ours)[0]
    return frames


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_frames_come_out_as_they_went_in_however_they_are_cut(piece: int) -> None:
    arrays = {
        "a": np.arange(5, dtype=np.float32),
        "b": np.ones((2, 3), bool),
        "c": np.zeros((0, 4)),
        "d": np.int64(3),
    }
    data = (
        bytes_of({"n": 1, "t": ["é", None, 1.5]}, arrays)
        + bytes_of({})
        + bytes_of({"x": {}}, {"a": np.eye(2).T})
    )
    first, second, third = arrived(data, piece=piece)
    assert first.message == {"n": 1, "t": ["é", None, 1.5]}
    assert second == Frame({}, {})
    np.testing.assert_array_equal(third.arrays["a"], np.eye(2))
    for name, array in arrays.items():
        np.testing.assert_array_equal(first.arrays[name], array)
        assert (first.arrays[name].dtype, first.arrays[name].shape) == (
            np.asarray(array).dtype,
            np.shape(array),
        )


def test_arrays_of_another_byte_order_travel_as_this_machines() -> None:
    (frame,) = arrived(bytes_of({}, {"a": np.array([1, 258], dtype=">i2")}))
    assert frame.arrays["a"].tolist() == [1, 258]


@pytest.mark.parametrize(
    "array", [np.array([{}]), np.array(["a"]), np.array(["2020"], "M8[Y]"), np.zeros(2, "f4,i4")]
)
def test_only_numbers_travel(array: np.ndarray) -> None:
    with pytest.raises(WireFault, match="'a' is of"):
        encode({}, {"a": array})


@pytest.mark.parametrize("message", [{"x": float("nan")}, {"x": np.float32(1)}, {"x": object()}, {"x": b"a"}])
def test_only_plain_json_is_sent(message: dict) -> None:
    with pytest.raises(WireFault, match="no plain JSON"):
        encode(message, {})


def test_half_a_character_is_sent_as_a_question_mark() -> None:
    assert arrived(bytes_of({"path": "a\udc80"}))[0].message == {"path": "a?"}


@pytest.mark.parametrize(
    "text",
    [
        '{"message": {"a": 1, "a": 2}, "arrays": []}',
        '{"message": {"a": NaN}, "arrays": []}',
        '{"message": {"a": -Infinity}, "arrays": []}',
        '{"message": {"a": 1e999}, "arrays": []}',
        '{"message": {"a": "\\ud800"}, "arrays": []}',
        '{"message": {"a": ' + "[" * 40 + "]" * 40 + '}, "arrays": []}',
        '{"message": {"a": ' + "[" * 100_000 + '}, "arrays": []}',
        '{"message": {"a": ' + "9" * 10_000 + '}, "arrays": []}',
        '{"message": [], "arrays": []}',
        '{"message": {}, "arrays": {}}',
        '{"message": {}}',
        '{"message": {}, "arrays": [], "more": 1}',
        '{"message": {}, "arrays": []} x',
        '{"message": {}, "arrays": [1]}',
        '{"message": {}, "arrays": [["a", "|O", [1]]]}',
        '{"message": {}, "arrays": [["a", "<f8", [-1]]]}',
        '{"message": {}, "arrays": [["a", "<f8", [true]]]}',
        '{"message": {}, "arrays": [["a", "<f8", 1]]}',
        '{"message": {}, "arrays": [["a", "<f8", [1.0]]]}',
        '{"message": {}, "arrays": [["a", ["<f8"], [1]]]}',
        '{"message": {}, "arrays": [["a", "<f8", [4611686018427387904, 4]]]}',
        '{"message": {}, "arrays": [["a", "<f8", [0]], ["a", "<f8", [0]]]}',
        '{"message": {}, "arrays": [["a", "<f8", [9]]]}',
        '{"message": {}, "arrays": []}\x00',
        "[]",
        "",
    ],
    ids=range(26),
)
def test_what_is_no_strict_frame_is_refused(text: str) -> None:
    with pytest.raises(WireFault):
        frame_of(text)


def test_bytes_that_belong_to_no_array_are_refused() -> None:
    with pytest.raises(WireFault, match="64 bytes belong to no array"):
        frame_of('{"message": {}, "arrays": []}', bytes(64))


def test_brackets_in_a_text_are_no_depth() -> None:
    assert (
        frame_of(json.dumps({"message": {"a": "[{" * 100 + '\\"'}, "arrays": []}))
        .message["a"]
        .startswith("[{")
    )


def test_a_claimed_length_takes_no_memory() -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = PREFIX.pack(MAGIC, 2, 1 << 33) + b"{}"
    assert arrived(head, limit=1 << 34) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@settings(max_examples=int(os.environ.get("MEBENCH_FUZZ", "200")), deadline=None)
@given(st.data())
def test_whatever_arrives_is_frames_or_a_fault(data: st.DataObject) -> None:
    whole = bytes_of({"fitted": 1.5, "names": ["a"]}, {"p": np.eye(3), "q": np.zeros((2, 0), np.int8)})
    mutated = bytearray(whole)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=4)
    ):
        mutated[place] = value
    cut = data.draw(st.integers(0, len(whole)))
    with contextlib.suppress(WireFault):
        arrived(bytes(mutated[:cut]) + data.draw(st.binary(max_size=40)))

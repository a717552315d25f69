"""A classifier of long ago: nearest class mean of apex minus onset, with Python's own library alone.

    python train.py TRAIN TEST OUT

It reads arrays of NumPy's format by hand, as code in any language can.
"""
# ruff: noqa: B905, PTH123 - written as such code was

import ast
import csv
import struct
import sys


def read_npy(path):
    """Return a list of bytes, one a clip, of an array of unsigned bytes."""
    with open(path, "rb") as file:
        assert file.read(6) == b"\x93NUMPY"
        major, _ = file.read(2)
        length = struct.unpack("<H" if major == 1 else "<I", file.read(2 if major == 1 else 4))[0]
        header = ast.literal_eval(file.read(length).decode("latin1"))
        assert header["descr"] == "|u1"
        assert not header["fortran_order"]
        size = 1
        for side in header["shape"][1:]:
            size *= side
        return [file.read(size) for _ in range(header["shape"][0])]


def read_table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def differences(folder):
    pairs = zip(read_npy(folder + "/apex.npy"), read_npy(folder + "/onset.npy"))
    return [[one - other for one, other in zip(apex, onset)] for apex, onset in pairs]


def distance(vector, mean):
    return sum((a - b) ** 2 for a, b in zip(vector, mean))


def main(train, test, out):
    rows, vectors = read_table(train + "/labels.csv"), differences(train)
    means = {}
    for name in sorted({row["class"] for row in rows}):
        chosen = [vector for vector, row in zip(vectors, rows) if row["class"] == name]
        means[name] = [sum(column) / len(chosen) for column in zip(*chosen)]
    with open(out, "w") as file:
        file.write("clip,class\n")
        for row, vector in zip(read_table(test + "/clips.csv"), differences(test)):
            distances = {name: distance(vector, mean) for name, mean in means.items()}
            file.write("{},{}\n".format(row["clip"], min(distances, key=distances.get)))
    print("trained on", len(rows), "clips")


if __name__ == "__main__":
    main(*sys.argv[1:])

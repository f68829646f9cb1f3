"""HDF5 files that lead a reader astray: links out of the file, in circles, and arrays of no size.

    python keras_hostile.py src/test/resources/io/keras/hostile
"""

import pathlib
import sys

import h5py
import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)


def dense(name, fill):
    with h5py.File(folder / f"{name}.weights.h5", "w") as file:
        fill(file, file.create_group("layers/dense/vars"))


def soft(file, group):
    group["0"] = h5py.SoftLink("/elsewhere")
    group["1"] = np.zeros(2, "float32")
    file["elsewhere"] = np.zeros((3, 2), "float32")


def external(file, group):
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")
    group["1"] = np.zeros(2, "float32")


def external_data(file, group):
    group.create_dataset("0", (3, 2), "float32", external=[("/etc/passwd", 0, 24)])
    group["1"] = np.zeros(2, "float32")


def circle(file, group):
    group["0"] = file["layers"]
    group["1"] = np.zeros(2, "float32")


def shape(file, group):
    group.create_dataset("0", (1 << 30, 1 << 20), "float32", chunks=(1024, 1024), compression="gzip")
    group["1"] = np.zeros(2, "float32")


def empty(file, group):
    group.create_dataset("0", (1 << 40, 1 << 20), "float32")
    group["1"] = np.zeros(2, "float32")


def compound(file, group):
    group["0"] = np.zeros(6, [("a", "f4"), ("b", "i8")])
    group["1"] = np.zeros(2, "float32")


def doubles(file, group):
    group["0"] = np.arange(6, dtype=">f8").reshape(3, 2)
    group["1"] = np.asarray([0.5, -2], "float16")


for each in [soft, external, external_data, circle, shape, empty, compound, doubles]:
    dense(each.__name__, each)

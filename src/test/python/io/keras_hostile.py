"""HDF5 files that lead a reader astray: links out of the file, in circles, arrays of no size, and chunks that
are not what they say. Those of doubles and packed arrays are sound.

    python keras_hostile.py src/test/resources/io/keras/hostile
"""

import pathlib
import sys
import zlib

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


PACKED = dict(chunks=(2, 2), compression="gzip", shuffle=True, fletcher32=True)


def packed(file, group):
    numbers = np.arange(15, dtype="float32").reshape(3, 5)
    group.create_dataset("0", data=numbers, **PACKED)
    group.create_dataset("1", data=np.arange(5, dtype="float64") / 8, chunks=(3,), compression="gzip")


def many(file, group):
    """A tree of two levels, and chunks that are neither compressed nor at the edge."""
    group.create_dataset("0", data=np.arange(300, dtype="float32").reshape(150, 2), chunks=(1, 1))
    group.create_dataset("1", data=np.zeros(2, "float32"), chunks=(2,), fletcher32=True)


def unwritten(file, group):
    group.create_dataset("0", (3, 2), "float32", **PACKED)[:2] = 1
    group["1"] = np.zeros(2, "float32")


def another_filter(file, group):
    group.create_dataset("0", data=np.zeros((3, 2), "float32"), compression="lzf")
    group["1"] = np.zeros(2, "float32")


def bomb(file, group):
    """One chunk of 24 bytes that would be unpacked to 8 MB."""
    array = group.create_dataset("0", (3, 2), "float32", chunks=(3, 2), compression="gzip")
    array.id.write_direct_chunk((0, 0), zlib.compress(bytes(8 << 20), 9))
    group["1"] = np.zeros(2, "float32")


def swollen(file, group):
    """An array of 16 MB, all of them zeros."""
    group.create_dataset("0", data=np.zeros((1 << 11, 1 << 11), "float32"), chunks=(1 << 11, 1 << 11), compression=9)
    group["1"] = np.zeros(1 << 11, "float32")


def large_chunks(file, group):
    """Six numbers in a chunk of 2 GB, which says that it is compressed."""
    array = group.create_dataset("0", (3, 2), "float32", maxshape=(None, None), chunks=(1 << 15, 1 << 14), compression="gzip")
    array.id.write_direct_chunk((0, 0), zlib.compress(bytes(24)))
    group["1"] = np.zeros(2, "float32")


links = [soft, external, external_data, circle]
shapes = [shape, empty, compound, doubles]
chunks = [packed, many, unwritten, another_filter, bomb, swollen, large_chunks]
for each in links + shapes + chunks:
    dense(each.__name__, each)

"""The cases of cases.csv, their numbers, and whether peers agree on them: as Java has them."""

import csv
import dataclasses
import pathlib
import re
import zlib

import numpy as np

PROJECT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = PROJECT / "target" / "benchmarks"
CSV = PROJECT / "src" / "jmh" / "resources" / "kazoku" / "benchmark" / "cases.csv"
TRAINS = {"training", "first", "memory"}
TOLERANCE = 1e-5  # of the largest number, or of 1 if that is more


@dataclasses.dataclass(frozen=True)
class Case:
    """A cell over a batch of sequences, and what is measured of it."""

    kind: str
    cell: str
    batch: int
    steps: int
    input_size: int
    hidden_size: int

    @staticmethod
    def of(name):
        kind, cell, *sizes = re.fullmatch(r"(\w+) (\w+) (\d+)x(\d+)x(\d+)x(\d+)", name).groups()
        return Case(kind, cell, *map(int, sizes))

    @property
    def trains(self):
        return self.kind in TRAINS

    def __str__(self):
        return (
            f"{self.kind} {self.cell}"
            f" {self.batch}x{self.steps}x{self.input_size}x{self.hidden_size}"
        )


def cases(quick, names):
    """Those with a regular expression in their names; without one all, or those for trying."""
    with open(CSV, newline="") as lines:
        return [
            Case.of(line["name"])
            for line in csv.DictReader(lines)
            if (re.search(names, line["name"]) if names else not quick or line["quick"] == "yes")
        ]


def uniform(name, shape, bound):
    """The numbers of Java's SplittableRandom, seeded by the name."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        seed = np.uint64(zlib.crc32(name.encode()))
        z = seed + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    drawn = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return ((2 * drawn - 1) * bound).astype(np.float32).reshape(shape)


def input_of(case):
    return uniform("x", (case.batch, case.steps, case.input_size), 1)


def weight_of(case, symbol, shape):
    return uniform(symbol, shape, case.hidden_size**-0.5)


def check(case, who, results, folder):
    """Compares with what the first peer has written, or is the first one."""
    place = folder / str(case).replace(" ", "-")
    for name, own in results.items():
        own = np.ascontiguousarray(own, dtype="<f4").ravel()
        file = place / f"{name}.f32"
        if not file.exists():
            place.mkdir(parents=True, exist_ok=True)
            aside = place / f".{name}.f32"
            own.tofile(aside)
            aside.rename(file)
            continue
        others = np.fromfile(file, dtype="<f4")
        if others.shape != own.shape:
            raise AssertionError(f"{case}, {who}: {name} has {own.size} numbers, not {others.size}")
        scale = max(1, np.abs(others).max())
        difference = np.abs(others.astype(np.float64) - own).max()
        if not difference <= TOLERANCE * scale:
            raise AssertionError(
                f"{case}, {who}: {name} must be what the first peer computes, to {TOLERANCE} of the"
                f" largest number, {scale:.3g}; got a difference of {difference:.3g}"
            )

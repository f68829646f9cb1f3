"""What TensorBoard's own reader sees of a training, compared with the CSV log of the same training.

    python training/events.py FOLDER LOG.csv

FOLDER is what TensorBoard.in(FOLDER).batches().histograms(1) wrote, LOG.csv what CsvLog.to(LOG.csv) did, of a training with validation data.
Raises where they differ, and tells what there is.
"""

import csv
import pathlib
import sys

import numpy as np
from tensorboard.backend.event_processing import event_accumulator


def read(run):
    """As TensorBoard loads a run: what a later file replaces is gone."""
    accumulator = event_accumulator.EventAccumulator(str(run), size_guidance=event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE)
    accumulator.Reload()
    return accumulator


def scalars(run, tag):
    """step -> value; TensorBoard turns all scalars into tensors."""
    return [(event.step, event.value) for event in run.Scalars(tag)] if tag in run.Tags()["scalars"] else [
        (event.step, event.tensor_proto.float_val[0]) for event in run.Tensors(tag)]


def main(folder, log):
    runs = {path.name: read(path) for path in sorted(pathlib.Path(folder).iterdir())}
    with open(log, newline="") as file:
        lines = list(csv.DictReader(file))
    compared = 0
    for column in lines[0]:
        if column in ("epoch", "seconds"):
            continue
        run, name = ("train", column) if column == "learning rate" else column.replace("training ", "train ", 1).split(" ", 1)
        expected = [(int(line["epoch"]), np.float32(line[column])) for line in lines]
        actual = [(step, np.float32(value)) for step, value in scalars(runs[run], "epoch/" + name)]
        np.testing.assert_array_equal(actual, expected, err_msg=f"{run} {name}")
        compared += len(expected)
    print(f"{compared} scores are those of the log")
    for name, run in runs.items():
        tags = run.Tags()
        print(name, {kind: tags[kind] for kind in ("scalars", "tensors", "histograms", "graph")})
    nodes = runs["train"].Graph().node
    print(f"graph of {len(nodes)} nodes")
    assert {"input", "output"} <= {node.name for node in nodes}
    for tag in runs["train"].Tags()["histograms"]:
        steps = [event.step for event in runs["train"].Histograms(tag)]
        assert steps == [0] + [int(line["epoch"]) for line in lines], (tag, steps)
    if "batches" in runs:
        steps = [step for step, _ in scalars(runs["batches"], "batch/loss")]
        assert steps == list(range(steps[0], steps[0] + len(steps))), steps
        print(f"{len(steps)} batches")


if __name__ == "__main__":
    main(*sys.argv[1:])

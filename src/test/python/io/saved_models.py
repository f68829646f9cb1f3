"""Loads exported models in Python and compares what they answer with what they answer in Java.

    python saved_models.py                  # exports by Maven into a temporary folder
    python saved_models.py FOLDER           # FOLDER was written by kazoku.train.SavedModels

All signatures are called that Java has called, one after the other, with the same input: float32 to
1e-5, whole numbers exactly. Where TensorFlow 2.18 cannot be imported, a virtual environment that has
it is made in the user's cache, once.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

VERSION = "2.18"
PROJECT = pathlib.Path(__file__).resolve().parents[4]
TOLERANCE = 1e-5

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def with_tensorflow():
    """Goes on in an environment that has TensorFlow."""
    try:
        import tensorflow

        if tensorflow.__version__.startswith(VERSION + "."):
            return
    except ImportError:
        pass
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    place = cache / f"kazoku-tensorflow-{VERSION}"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if pathlib.Path(sys.prefix) == place:
        sys.exit(f"TensorFlow {VERSION} cannot be imported from {place}; delete it and try again")
    if not python.exists():
        print(f"making an environment with TensorFlow {VERSION} in {place}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", f"tensorflow-cpu=={VERSION}.*"], check=True
        )
    sys.exit(subprocess.run([python, *sys.argv]).returncode)


def export(folder):
    """Exports the models by Java."""
    subprocess.run(
        [
            "mvn",
            "-q",
            "test-compile",
            "exec:exec",
            "-Dexample=kazoku.train.SavedModels",
            f"-Dexample.args={folder}",
        ],
        cwd=PROJECT,
        check=True,
    )


def tensor(given):
    import numpy as np
    import tensorflow as tf

    values = np.array(given["values"], dtype=np.float64).reshape(given["shape"])
    return tf.constant(values.astype(given["dtype"]))


def difference(name, given, actual):
    import numpy as np

    expected = tensor(given).numpy()
    actual = actual.numpy()
    if expected.dtype != actual.dtype or expected.shape != actual.shape:
        raise AssertionError(
            f"{name} is {actual.dtype} {actual.shape}, not {expected.dtype} {expected.shape}"
        )
    if not expected.size:
        return 0.0
    largest = float(np.max(np.abs(expected.astype(np.float64) - actual.astype(np.float64))))
    if not largest <= (TOLERANCE if given["dtype"] == "float32" else 0):
        raise AssertionError(f"{name} differs by {largest}")
    return largest


def compare(folder):
    """Makes the calls of one model; gives its signatures and the largest difference."""
    import tensorflow as tf

    model = tf.saved_model.load(str(folder))
    largest = 0.0
    for call in json.loads(folder.with_suffix(".json").read_text()):
        key = call["signature"]
        inputs = {name: tensor(value) for name, value in call["inputs"].items()}
        answers = model.signatures[key](**inputs)
        if set(answers) != set(call["outputs"]):
            raise AssertionError(f"{key} gives {set(answers)}, not {set(call['outputs'])}")
        for name, value in call["outputs"].items():
            largest = max(largest, difference(f"{key}: {name}", value, answers[name]))
    if "train_step" in model.signatures:
        saved_and_read(model, call)
    return sorted(model.signatures), largest


def saved_and_read(model, evaluated):
    """What is trained here is written, and comes back when it is read."""
    import tensorflow as tf

    inputs = {name: tensor(value) for name, value in evaluated["inputs"].items()}
    with tempfile.TemporaryDirectory() as place:
        path = tf.constant(os.path.join(place, "further"))
        model.signatures["save"](checkpoint_path=path)
        loss = float(model.signatures["evaluate"](**inputs)["loss"])
        for _ in range(3):
            model.signatures["train_step"](**inputs)
        later = float(model.signatures["evaluate"](**inputs)["loss"])
        model.signatures["restore"](checkpoint_path=path)
        again = float(model.signatures["evaluate"](**inputs)["loss"])
    if later == loss or again != loss:
        raise AssertionError(f"the loss {loss} becomes {later}, and when it is read {again}")


def shown(folder):
    """saved_model_cli shows all signatures."""
    text = subprocess.run(
        [
            sys.executable,
            "-m",
            "tensorflow.python.tools.saved_model_cli",
            "show",
            "--dir",
            str(folder),
            "--all",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for call in json.loads(folder.with_suffix(".json").read_text()):
        for word in [f"signature_def['{call['signature']}']", *call["inputs"], *call["outputs"]]:
            if word not in text:
                raise AssertionError(f"saved_model_cli does not show {word}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    folder = parser.parse_args().folder
    with_tensorflow()
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as temporary:
        if folder is None:
            folder = pathlib.Path(temporary)
            export(folder)
        models = sorted(path.with_suffix("") for path in folder.glob("*.json"))
        failed = 0
        began = time.time()
        print(f"TensorFlow {tf.__version__}")
        print(f"{'model':32} {'difference':>10}  signatures")
        for model in models:
            try:
                signatures, largest = compare(model)
                print(f"{model.name:32} {largest:10.1e}  {', '.join(signatures)}")
            except Exception as e:  # The others are compared all the same.
                failed += 1
                print(f"{model.name:32} {'FAILED':>10}  {type(e).__name__}: {e}")
        for name in ["LSTMCell", "bidirectional", "frozen", "trained_further"]:
            try:
                shown(folder / name)
            except Exception as e:
                failed += 1
                print(f"{name:32} {'FAILED':>10}  saved_model_cli: {type(e).__name__}: {e}")
        print(f"{len(models)} models, {failed} failed, {time.time() - began:.0f} s")
    sys.exit(1 if failed or not models else 0)


if __name__ == "__main__":
    main()

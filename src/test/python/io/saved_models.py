"""Loads exported models in Python and compares what they answer with what they answer in Java.

    python saved_models.py                  # exports by Maven into a temporary folder
    python saved_models.py FOLDER           # FOLDER was written by kazoku.train.SavedModels
    python saved_models.py --environment    # makes the environment alone, and prints its Python

All signatures are called that Java has called, one after the other, with the same input: float32 to
1e-5, whole numbers exactly. Where TensorFlow 2.18 cannot be imported, a virtual environment that has
it is made in the user's cache, once. TensorFlow 2.18 is there for Python 3.9 to 3.12.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time

VERSION = "2.18"
PROJECT = pathlib.Path(__file__).resolve().parents[4]
TOLERANCE = 1e-5
MINUTES = 5  # for the environment

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


class NoEnvironment(Exception):
    """There is no Python with TensorFlow, and why."""


def environment():
    """The virtual environment's folder, and its Python."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    place = cache / f"kazoku-tensorflow-{VERSION}"
    return place, place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_here():
    """Whether this Python has TensorFlow."""
    try:
        import tensorflow

        return tensorflow.__version__.startswith(VERSION + ".")
    except ImportError:
        return False


def is_there(python):
    """Whether another one has it."""
    code = f"import tensorflow as t; assert t.__version__.startswith('{VERSION}.')"
    try:
        return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def existing():
    """A Python that has TensorFlow: this one, or that of the environment."""
    place, python = environment()
    if is_here():
        return sys.executable
    if is_there(python):
        return str(python)
    raise NoEnvironment(
        f"neither {sys.executable} nor {place} has TensorFlow {VERSION};"
        " python src/test/python/io/saved_models.py makes the latter"
    )


def made():
    """The same, which is made if there is none."""
    try:
        return existing()
    except NoEnvironment:
        pass
    place, python = environment()
    print(f"making an environment with TensorFlow {VERSION} in {place}", file=sys.stderr, flush=True)
    ends = time.time() + 60 * MINUTES
    install = ["-m", "pip", "install", "-q", "--retries", "1", f"tensorflow-cpu=={VERSION}.*"]
    for command in [[sys.executable, "-m", "venv", "--clear", place], [python, *install]]:
        try:
            result = subprocess.run(
                command, capture_output=True, text=True, timeout=ends - time.time()
            )
        except subprocess.TimeoutExpired:
            raise NoEnvironment(f"TensorFlow {VERSION} could not be installed in {MINUTES} minutes")
        if result.returncode:
            text = (result.stderr or result.stdout).strip()
            raise NoEnvironment(f"TensorFlow {VERSION} could not be installed in {place}: {text}")
    if not is_there(python):
        raise NoEnvironment(f"TensorFlow {VERSION} is in {place}, but cannot be imported there")
    return str(python)


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
    """Lets saved_model_cli show all signatures; gives what is missing."""
    command = ["-m", "tensorflow.python.tools.saved_model_cli", "show", "--dir", folder, "--all"]
    result = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    for call in json.loads(folder.with_suffix(".json").read_text()):
        for word in [f"signature_def['{call['signature']}']", *call["inputs"], *call["outputs"]]:
            if word not in result.stdout:
                return f"{folder.name}: saved_model_cli does not show {word} {result.stderr}"
    return None


def compared(folder):
    """A line of the table, and whether all is well."""
    try:
        signatures, largest = compare(folder)
        return f"{folder.name:32} {largest:10.1e}  {', '.join(signatures)}", True
    except Exception as e:  # The others are compared all the same.
        return f"{folder.name:32} {'FAILED':>10}  {type(e).__name__}: {e}", False


def compare_all(folder):
    """Prints the table; gives the code to end with."""
    models = sorted(path.with_suffix("") for path in folder.glob("*.json"))
    began = time.time()
    print(f"TensorFlow {VERSION}")
    print(f"{'model':32} {'difference':>10}  signatures", flush=True)
    failed = 0
    # TensorFlow does not outlive a fork.
    with multiprocessing.get_context("spawn").Pool(min(4, os.cpu_count() or 1)) as processes:
        further = processes.map_async(shown, [folder / "frozen", folder / "trained_further"])
        for line, well in processes.imap(compared, models, chunksize=4):
            print(line, flush=True)
            failed += not well
        for problem in filter(None, further.get()):
            print(problem)
            failed += 1
    print(f"{len(models)} models, {failed} failed, {time.time() - began:.0f} s")
    return 1 if failed or not models else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--environment", action="store_true")
    parser.add_argument("--existing", action="store_true", help="do not make an environment")
    given = parser.parse_args()
    make = existing if given.existing else made
    if given.environment:
        print(make())
        return 0
    if given.folder:
        python = make()
        if python == sys.executable:
            return compare_all(given.folder)
        return subprocess.run([python, __file__, given.folder]).returncode
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor() as meanwhile:
            python = meanwhile.submit(make)
            export(folder)
        return subprocess.run([python.result(), __file__, folder]).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoEnvironment as e:
        sys.exit(str(e))

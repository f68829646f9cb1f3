"""Opens the archives that kazoku.io.KerasBack wrote and compares outputs: python keras_back.py FOLDER

Fails if Keras 3 does not open one, or if a number is more than 1e-5 away.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np

SAID = pathlib.Path(__file__).parents[2] / "resources/io/keras"


def array(said):
    return np.asarray(said["values"], "float32").reshape(said["shape"])


def difference(path):
    name = path.name.split(".")[0] + ".json"
    said = json.loads(((path.parent if name == "made.json" else SAID) / name).read_text())
    model = keras.models.load_model(path)
    inputs = [array(each) for each in said["inputs"].values()]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert len(outputs) == len(said["keras3"])
    return max(float(np.abs(a - array(b)).max()) for a, b in zip(outputs, said["keras3"]))


if __name__ == "__main__":
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.keras"))
    worst = {path.name: difference(path) for path in files}
    for name, largest in worst.items():
        print(f"{name:28} {largest:.1e}")
    sys.exit(not worst or max(worst.values()) > 1e-5)

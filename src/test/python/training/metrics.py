"""Numbers for src/test/resources/training/metrics.json: scikit-learn's, and TensorFlow's edit distance.

A case has outputs and targets for rows [B, O] or for the valid steps of rows [B, T, O] with lengths; values are over all of them.

    python metrics.py FILE
"""
import json
import os
import sys
import warnings

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import sklearn
import sklearn.metrics as m
import tensorflow as tf

RNG = np.random.RandomState(7)


def rounded(x, parts=64):
    """Numbers that float32 holds exactly, some of them equal."""
    return np.round(np.asarray(x) * parts) / parts


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def tensor(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "values": [v.item() for v in x.reshape(-1)]}


def rates(truth, said, each):
    values = {}
    for name, score in [("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)]:
        values[f"micro {name}"] = score(truth, said, average="micro")
        values[f"macro {name}"] = score(truth, said, average="macro")
        for k in each:
            values[f"{name} of class {k}"] = score(truth, said, average=None, labels=list(each))[k]
    return values


def classes(logits, labels, auc=True):
    count = logits.shape[-1]
    said = logits.argmax(-1)
    values = {
        "accuracy": m.accuracy_score(labels, said),
        "top-2 accuracy": m.top_k_accuracy_score(labels, logits, k=2, labels=range(count)) if count > 2 else 1.0,
        "perplexity": np.exp(m.log_loss(labels, softmax(logits), labels=range(count))),
        **rates(labels, said, range(count)),
    }
    if auc:
        p = softmax(logits)
        values["roc auc"] = m.roc_auc_score(labels, logits[:, 1] - logits[:, 0]) if count == 2 else m.roc_auc_score(labels, p, multi_class="ovr")
    return values, m.confusion_matrix(labels, said, labels=range(count))


def several(logits, truth):
    said = (logits > 0) * 1
    return {
        "binary accuracy": np.mean(said == truth),
        **rates(truth.astype(int), said, range(truth.shape[-1])),
        "roc auc": m.roc_auc_score(truth, logits, average="macro"),
    }


def numbers(y, t):
    return {
        "mae": m.mean_absolute_error(t, y),
        "rmse": np.sqrt(m.mean_squared_error(t, y)),
        "mape": m.mean_absolute_percentage_error(t, y),
        "r2": m.r2_score(t, y),
    }


def steps(flat, lengths):
    """Rows of different lengths; what stands behind their ends is large."""
    padded = np.full((len(lengths), max(lengths)) + flat.shape[1:], 50).astype(flat.dtype)
    at = 0
    for row, n in enumerate(lengths):
        padded[row, :n] = flat[at:at + n]
        at += n
    return padded


def main(file):
    warnings.simplefilter("ignore")
    cases = []

    def add(name, output, target, values, **more):
        cases.append({"name": name, "output": tensor(output), "target": tensor(target), **more, "values": {k: float(v) for k, v in values.items()}})

    lengths = [5, 0, 7, 3, 1, 9, 6, 8, 2, 7]
    for count in [2, 4]:
        labels = RNG.randint(0, count, 48)
        logits = rounded(RNG.randn(48, count) + 0.9 * np.eye(count)[labels], 8 if count == 2 else 4096)  # scikit-learn takes the last of equal ones for the largest.
        values, confusion = classes(logits, labels)
        add(f"{count} classes", logits, labels, values, confusion=confusion.tolist())
        add(f"{count} classes of steps", steps(logits, lengths), steps(labels, lengths), values, confusion=confusion.tolist(), lengths=lengths)
    # Class 3 is no label, class 1 is never predicted, class 4 is neither.
    labels = RNG.choice([0, 1, 2], 30)
    logits = rounded(RNG.randn(30, 5) - [0, 9, 0, 0, 20])
    values, confusion = classes(logits, labels, auc=False)
    add("classes that do not occur", logits, labels, values, confusion=confusion.tolist())
    truth = (RNG.rand(48, 3) < [0.2, 0.5, 0.7]) * 1.0
    logits = rounded(RNG.randn(48, 3) + truth - 0.4, 8)
    add("several yes and no", logits, truth, several(logits, truth))
    add("several yes and no of steps", steps(logits, lengths), steps(truth, lengths), several(logits, truth), lengths=lengths)
    t = rounded(3 * RNG.randn(48, 2) + [1, 1000])
    y = rounded(t + RNG.randn(48, 2))
    add("numbers", y, t, numbers(y, t))
    add("numbers of steps", steps(y, lengths), steps(t, lengths), numbers(y, t), lengths=lengths)
    t = np.concatenate([t, np.full((48, 1), 5.0)], 1)
    y = np.concatenate([y, np.full((48, 1), 5.5)], 1)
    add("a target that is constant", y, t, numbers(y, t))
    texts = [("kitten", "sitting"), ("", "abc"), ("abc", ""), ("flaw", "lawn"), ("same", "same"), ("ab", "ba"), ("aaaaa", "a")]
    distances = [
        int(tf.edit_distance(tf.sparse.from_dense([list(map(ord, a)) or [0]]), tf.sparse.from_dense([list(map(ord, b)) or [0]]), normalize=False)[0])
        for a, b in texts
    ]
    rate = sum(distances) / sum(len(b) for _, b in texts)
    text = {"pairs": [[list(map(ord, a)), list(map(ord, b))] for a, b in texts], "distances": distances, "token error rate": rate}
    by = f"scikit-learn {sklearn.__version__}, TensorFlow {tf.__version__} (edit distance), src/test/python/training/metrics.py"
    with open(file, "w") as out:
        json.dump({"computedBy": by, "cases": cases, "edits": text}, out, indent=0)
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])

"""Numbers for src/test/resources/training/losses.json: Keras and PyTorch, float64; the gradients by autograd.

A case has outputs and targets for rows [B, O] and for steps [B, T, O] with lengths: the loss of each row or step, the mean (Keras's rule: over valid
steps, sample weights do not count in the divisor), and its gradient by the outputs. Where both libraries have a loss, they are compared here.

    python losses.py FILE
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import sklearn
import sklearn.metrics
import torch
import torch.nn.functional as F

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)

LENGTHS = [4, 2, 3]
SAMPLE_WEIGHTS = [0.5, 2.0, 1.25]
CLASS_WEIGHTS = [0.5, 1.0, 3.0]


def waves(shape, phase, scale):
    """Distinct numbers that float32 holds exactly."""
    i = np.arange(np.prod(shape))
    return (np.round(scale * np.sin(1.7 * i + phase) * 256) / 256).reshape(shape)


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def exact(x):
    return np.round(x * 4096) / 4096


TARGETS = {
    "numbers": lambda shape: waves(shape, 0.4, 1.5),
    "counts": lambda shape: np.arange(np.prod(shape)).reshape(shape) % 4 * 1.0,
    "zeroOne": lambda shape: (np.arange(np.prod(shape)).reshape(shape) * 7 % 5 < 2) * 1.0,
    "signs": lambda shape: (np.arange(np.prod(shape)).reshape(shape) * 7 % 5 < 2) * 2.0 - 1.0,
    "distribution": lambda shape: exact(softmax(waves(shape, 0.9, 1.0))),
    "labels": lambda shape: np.arange(np.prod(shape[:-1])).reshape(shape[:-1]) * 5 % 7 % shape[-1],
}


def hot(labels, y):
    return F.one_hot(labels.long(), y.shape[-1]).to(y.dtype)


def classes_last(y):
    """PyTorch has classes on the second axis."""
    return y.movedim(-1, 1)


def cross_entropy(y, t, **how):
    return F.cross_entropy(classes_last(y), t.long() if t.ndim < y.ndim else classes_last(t), reduction="none", **how)


def pinball(quantiles):
    q = torch.tensor(quantiles)

    def each(y, t):
        e = t - y
        return torch.maximum(q * e, (q - 1) * e).mean(-1)

    return each


def pinball_of_sklearn(quantiles):
    def each(y, t):
        rows, truths = y.detach().reshape(-1, y.shape[-1]).numpy(), t.reshape(-1, y.shape[-1]).numpy()
        alphas = quantiles * (y.shape[-1] // len(quantiles))
        values = [
            np.mean([sklearn.metrics.mean_pinball_loss([truth[k]], [row[k]], alpha=alphas[k]) for k in range(len(alphas))])
            for row, truth in zip(rows, truths)
        ]
        return torch.tensor(values).reshape(y.shape[:-1])

    return each


def weighted_binary(smoothing, w0, w1):
    def each(y, t):
        smooth = t * (1 - smoothing) + smoothing / 2
        return w0 * F.binary_cross_entropy_with_logits(y, smooth, pos_weight=torch.tensor(w1 / w0), reduction="none").mean(-1)

    return each


def categorical_hinge(y, t):
    right = hot(t, y)
    return F.relu(1 + ((1 - right) * y).amax(-1) - (right * y).sum(-1))


K = keras.losses
W = torch.tensor(CLASS_WEIGHTS)

# name, how it is made in Java, targets, the loss of each by PyTorch, and by another library or None. Keras takes its means in float32.
CASES = [
    ("mean squared error", {}, "numbers", lambda y, t: F.mse_loss(y, t, reduction="none").mean(-1), lambda y, t: K.mean_squared_error(t, y)),
    ("mean absolute error", {}, "numbers", lambda y, t: F.l1_loss(y, t, reduction="none").mean(-1), lambda y, t: K.mean_absolute_error(t, y)),
    ("huber", {"delta": 0.75}, "numbers", lambda y, t: F.huber_loss(y, t, delta=0.75, reduction="none").mean(-1), lambda y, t: K.huber(t, y, delta=0.75)),
    ("log-cosh", {}, "numbers", lambda y, t: (y - t).cosh().log().mean(-1), lambda y, t: K.log_cosh(t, y)),
    ("quantile", {"quantiles": [0.9]}, "numbers", pinball([0.9]), pinball_of_sklearn([0.9])),
    ("quantile", {"quantiles": [0.1, 0.5, 0.9]}, "numbers", pinball([0.1, 0.5, 0.9]), pinball_of_sklearn([0.1, 0.5, 0.9])),
    ("cosine", {}, "numbers", lambda y, t: -F.cosine_similarity(y, t, dim=-1), lambda y, t: K.cosine_similarity(t, y)),
    ("poisson", {}, "counts", lambda y, t: F.poisson_nll_loss(y, t, log_input=True, reduction="none").mean(-1), lambda y, t: K.poisson(t, y.exp())),
    ("hinge", {}, "signs", lambda y, t: F.relu(1 - t * y).mean(-1), lambda y, t: K.hinge(t, y)),
    ("squared hinge", {}, "signs", lambda y, t: F.relu(1 - t * y).square().mean(-1), lambda y, t: K.squared_hinge(t, y)),
    ("categorical hinge", {}, "labels", categorical_hinge, lambda y, t: K.categorical_hinge(hot(t, y), y)),
    ("kl divergence", {}, "distribution", lambda y, t: F.kl_div(y.log_softmax(-1), t, reduction="none").sum(-1),
     lambda y, t: K.kl_divergence(t, y.softmax(-1))),
    ("binary cross-entropy", {}, "zeroOne", lambda y, t: F.binary_cross_entropy_with_logits(y, t, reduction="none").mean(-1),
     lambda y, t: K.binary_crossentropy(t, y, from_logits=True)),
    ("binary cross-entropy", {"labelSmoothing": 0.2}, "zeroOne", weighted_binary(0.2, 1.0, 1.0),
     lambda y, t: K.binary_crossentropy(t, y, from_logits=True, label_smoothing=0.2)),
    ("binary cross-entropy", {"classWeights": [0.5, 3.0]}, "zeroOne", weighted_binary(0, 0.5, 3.0), None),
    ("binary cross-entropy", {"labelSmoothing": 0.2, "classWeights": [0.5, 3.0]}, "zeroOne", weighted_binary(0.2, 0.5, 3.0), None),
    ("categorical cross-entropy", {}, "distribution", cross_entropy, lambda y, t: K.categorical_crossentropy(t, y, from_logits=True)),
    ("categorical cross-entropy", {"labelSmoothing": 0.2}, "distribution", lambda y, t: cross_entropy(y, t, label_smoothing=0.2),
     lambda y, t: K.categorical_crossentropy(t, y, from_logits=True, label_smoothing=0.2)),
    ("categorical cross-entropy", {"labelSmoothing": 0.2, "classWeights": CLASS_WEIGHTS}, "distribution",
     lambda y, t: cross_entropy(y, t, label_smoothing=0.2, weight=W), None),
    ("softmax cross-entropy", {}, "labels", cross_entropy, lambda y, t: K.sparse_categorical_crossentropy(t, y, from_logits=True)),
    ("softmax cross-entropy", {"labelSmoothing": 0.2}, "labels", lambda y, t: cross_entropy(y, t, label_smoothing=0.2),
     lambda y, t: K.categorical_crossentropy(hot(t, y), y, from_logits=True, label_smoothing=0.2)),
    ("softmax cross-entropy", {"classWeights": CLASS_WEIGHTS}, "labels", lambda y, t: cross_entropy(y, t, weight=W), None),
    ("softmax cross-entropy", {"labelSmoothing": 0.2, "classWeights": CLASS_WEIGHTS}, "labels",
     lambda y, t: cross_entropy(y, t, weight=W, label_smoothing=0.2), None),
]


def mean_of(each, mask, weights):
    """Keras's rule, and Keras's own number for it."""
    valid = torch.ones(each.shape, dtype=bool) if mask is None else mask
    marked = each.detach() + 0
    if mask is not None:
        keras.src.backend.set_keras_mask(marked, mask)
    if weights is not None:
        weights = torch.tensor(weights).reshape([-1] + [1] * (each.ndim - 1)).repeat(1, *each.shape[1:])
    mean = torch.where(valid, each if weights is None else each * weights, 0).sum() / valid.sum()
    kept = Kept()(marked, marked, None if weights is None else weights.clone())  # Keras multiplies in place.
    assert abs(float(kept) - float(mean.detach())) < 1e-6, (kept, mean)
    return mean


class Kept(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return y_pred


def tensor(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "values": [float(v) for v in x.reshape(-1)]}


def form(each, other, target, shape, lengths, weights):
    y = torch.tensor(waves(shape, 0.1, 2.0), requires_grad=True)
    t = torch.tensor(target)
    mask = None
    if lengths is not None:
        mask = torch.arange(shape[1])[None] < torch.tensor(lengths)[:, None]
    measured = each(y, t)
    gap = None if other is None else float((measured - other(y, t)).detach().abs().max())
    assert gap is None or gap < 1e-6, gap
    mean = mean_of(measured, mask, weights)
    mean.backward()
    form = {"output": tensor(y.detach()), "target": tensor(t), "each": tensor(measured.detach()),
            "mean": float(mean.detach()), "gradient": tensor(y.grad)}
    if lengths is not None:
        form["lengths"] = lengths
    if weights is not None:
        form["sampleWeights"] = weights
    return form, gap


def main(file):
    cases = []
    for name, how, kind, each, other in CASES:
        case = {"loss": name, **how, "targets": kind, "forms": []}
        gaps = []
        for shape, lengths, weights in [
            ((3, 3), None, None),
            ((3, 4, 3), LENGTHS, None),
            ((3, 3), None, SAMPLE_WEIGHTS),
            ((3, 4, 3), LENGTHS, SAMPLE_WEIGHTS),
        ]:
            one, gap = form(each, other, TARGETS[kind](shape), shape, lengths, weights)
            case["forms"].append(one)
            gaps.append(gap)
        case["betweenLibraries"] = None if other is None else max(gaps)
        cases.append(case)
    w = torch.tensor(waves((3, 4), 0.2, 1.0), requires_grad=True)
    regularizers = []
    for l1, l2 in [(0.01, 0.0), (0.0, 0.1), (0.01, 0.1)]:
        value = keras.regularizers.L1L2(l1, l2)(w)
        (slope,) = torch.autograd.grad(value, w)
        regularizers.append({"l1": l1, "l2": l2, "weight": tensor(w.detach()), "value": float(value.detach()), "gradient": tensor(slope)})
    activations = []
    for lengths in [[4, 4, 4], [4, 2, 1]]:
        # As in main.py of github.com/salesforce/awd-lstm-lm, over the steps that rows have.
        h = torch.tensor(waves((3, 4, 2), 0.3, 1.0), requires_grad=True)
        rows = [h[i, :n] for i, n in enumerate(lengths)]
        for alpha, beta in [(2.0, 0.0), (0.0, 1.0), (2.0, 1.0)]:
            value = alpha * torch.cat(rows).pow(2).mean() + beta * torch.cat([r[1:] - r[:-1] for r in rows]).pow(2).mean()
            (slope,) = torch.autograd.grad(value, h)
            activations.append({"alpha": alpha, "beta": beta, "lengths": lengths, "output": tensor(h.detach()), "value": float(value.detach()),
                                "gradient": tensor(slope)})
    versions = f"Keras {keras.__version__}, PyTorch {torch.__version__.split('+')[0]}, scikit-learn {sklearn.__version__}, float64, src/test/python/training/losses.py"
    with open(file, "w") as out:
        json.dump({"computedBy": versions, "cases": cases, "regularizers": regularizers, "activationRegularization": activations}, out, indent=0)
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])

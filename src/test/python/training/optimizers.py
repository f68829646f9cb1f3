"""First ten steps of optimizers on a fixed problem, float64, by Keras and by PyTorch.  python training/optimizers.py FILE

Problem: two weights, w [3, 2] and b [2], loss = sum_k a_k (p_k - t_k)^2 + 0.1 sum_k p_k^4 over all entries p of (w, b),
a_k = 0.5 + 0.25 sin k, t_k = cos k, starting at p_k = 0.3 sin(2k), k = 1..8 (w row-major first, then b).
The gradient is given in closed form, so that no framework's loss is involved.
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
keras.backend.set_floatx("float64")
k = np.arange(1, 9.0)
a, t, start = 0.5 + 0.25 * np.sin(k), np.cos(k), 0.3 * np.sin(2 * k)
grad = lambda p: 2 * a * (p - t) + 0.4 * p**3
STEPS = 10


def by_keras(make):
    opt = make()
    w, b = keras.Variable(start[:6].reshape(3, 2), dtype="float64"), keras.Variable(start[6:], dtype="float64")
    rows = []
    opt.build([w, b])
    for _ in range(STEPS):
        p = np.concatenate([keras.ops.convert_to_numpy(w).ravel(), keras.ops.convert_to_numpy(b)])
        g = grad(p)
        opt.apply([keras.ops.convert_to_tensor(g[:6].reshape(3, 2), dtype="float64"), keras.ops.convert_to_tensor(g[6:], dtype="float64")])
        rows.append(np.concatenate([keras.ops.convert_to_numpy(w).ravel(), keras.ops.convert_to_numpy(b)]).tolist())
    return rows


def by_torch(make, clip=None):
    w = torch.tensor(start[:6].reshape(3, 2), requires_grad=True)
    b = torch.tensor(start[6:], requires_grad=True)
    opt = make([w, b])
    rows = []
    for _ in range(STEPS):
        p = np.concatenate([w.detach().numpy().ravel(), b.detach().numpy()])
        g = grad(p)
        w.grad, b.grad = torch.tensor(g[:6].reshape(3, 2)), torch.tensor(g[6:])
        if clip:
            clip([w, b])
        opt.step()
        rows.append(np.concatenate([w.detach().numpy().ravel(), b.detach().numpy()]).tolist())
    return rows


O, K = torch.optim, keras.optimizers
cases = []


def case(name, library, config, rows):
    cases.append({"name": name, "computedBy": library, "config": config, "afterEachStep": rows})


KV, TV = f"Keras {keras.__version__}", f"PyTorch {torch.__version__}"
for name, cls, cfg in [
    ("SGD", K.SGD, dict(learning_rate=0.1)),
    ("Momentum", K.SGD, dict(learning_rate=0.1, momentum=0.9)),
    ("Nesterov", K.SGD, dict(learning_rate=0.1, momentum=0.9, nesterov=True)),
    ("Adagrad", K.Adagrad, dict(learning_rate=0.1, initial_accumulator_value=0.1, epsilon=1e-7)),
    ("Adadelta", K.Adadelta, dict(learning_rate=1.0, rho=0.95, epsilon=1e-7)),
    ("RMSprop", K.RMSprop, dict(learning_rate=0.01, rho=0.9, momentum=0.0, epsilon=1e-7)),
    ("RMSprop centered momentum", K.RMSprop, dict(learning_rate=0.01, rho=0.9, momentum=0.9, epsilon=1e-7, centered=True)),
    ("Adam", K.Adam, dict(learning_rate=0.05, beta_1=0.9, beta_2=0.999, epsilon=1e-7)),
    ("AMSGrad", K.Adam, dict(learning_rate=0.05, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=True)),
    ("AdamW", K.AdamW, dict(learning_rate=0.05, weight_decay=0.02, beta_1=0.9, beta_2=0.999, epsilon=1e-7)),
    ("Adamax", K.Adamax, dict(learning_rate=0.05, beta_1=0.9, beta_2=0.999, epsilon=1e-7)),
    ("NAdam", K.Nadam, dict(learning_rate=0.05, beta_1=0.9, beta_2=0.999, epsilon=1e-7)),
    ("Ftrl", K.Ftrl, dict(learning_rate=0.1, learning_rate_power=-0.5, initial_accumulator_value=0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02)),
    ("Lion", K.Lion, dict(learning_rate=0.01, beta_1=0.9, beta_2=0.99)),
    ("LAMB", K.Lamb, dict(learning_rate=0.05, beta_1=0.9, beta_2=0.999, epsilon=1e-7)),
    ("Adafactor", K.Adafactor, dict(learning_rate=0.05)),
    ("Adam clipnorm per weight", K.Adam, dict(learning_rate=0.05, epsilon=1e-7, clipnorm=0.5)),
    ("Adam global_clipnorm", K.Adam, dict(learning_rate=0.05, epsilon=1e-7, global_clipnorm=0.5)),
    ("Adam clipvalue", K.Adam, dict(learning_rate=0.05, epsilon=1e-7, clipvalue=0.3)),
]:
    case(name, KV, cfg, by_keras(lambda: cls(**cfg)))
for name, cls, cfg in [
    ("SGD weight decay", O.SGD, dict(lr=0.1, momentum=0.9, weight_decay=0.01)),
    ("Adam", O.Adam, dict(lr=0.05, betas=(0.9, 0.999), eps=1e-8)),
    ("AdamW", O.AdamW, dict(lr=0.05, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.02)),
    ("RAdam", O.RAdam, dict(lr=0.05, betas=(0.9, 0.999), eps=1e-8)),
    ("NAdam", O.NAdam, dict(lr=0.05, betas=(0.9, 0.999), eps=1e-8, momentum_decay=4e-3)),
    ("Rprop", O.Rprop, dict(lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-6, 50))),
    ("ASGD", O.ASGD, dict(lr=0.01)),
]:
    case(name, TV, {k: v for k, v in cfg.items()}, by_torch(lambda p: cls(p, **cfg)))
case("Adam after clip_grad_norm_ 0.5", TV, dict(lr=0.05, eps=1e-8), by_torch(lambda p: O.Adam(p, lr=0.05, eps=1e-8), clip=lambda ps: torch.nn.utils.clip_grad_norm_(ps, 0.5)))

schedules = []
S = K.schedules
steps = [0, 1, 2, 5, 10, 25, 50, 99, 100, 150, 200, 400]
for name, s, cfg in [
    ("ExponentialDecay", S.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=50, decay_rate=0.5)),
    ("ExponentialDecay staircase", S.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=50, decay_rate=0.5, staircase=True)),
    ("InverseTimeDecay", S.InverseTimeDecay, dict(initial_learning_rate=0.1, decay_steps=50, decay_rate=0.5)),
    ("PolynomialDecay", S.PolynomialDecay, dict(initial_learning_rate=0.1, decay_steps=100, end_learning_rate=0.001, power=2.0)),
    ("PiecewiseConstantDecay", S.PiecewiseConstantDecay, dict(boundaries=[10, 100], values=[0.1, 0.05, 0.01])),
    ("CosineDecay with warmup", S.CosineDecay, dict(initial_learning_rate=0.0, decay_steps=100, alpha=0.1, warmup_target=0.1, warmup_steps=20)),
    ("CosineDecayRestarts", S.CosineDecayRestarts, dict(initial_learning_rate=0.1, first_decay_steps=50, t_mul=2.0, m_mul=0.8, alpha=0.01)),
]:
    sch = s(**cfg)
    schedules.append({"name": name, "computedBy": KV, "config": cfg, "steps": steps, "rates": [float(sch(i)) for i in steps]})
p = [torch.zeros(1, requires_grad=True)]
opt = O.SGD(p, lr=0.1)
one = O.lr_scheduler.OneCycleLR(opt, max_lr=0.1, total_steps=101)
rates = []
for i in range(101):
    rates.append(opt.param_groups[0]["lr"])
    opt.step()
    if i < 100:
        one.step()
schedules.append({"name": "OneCycle", "computedBy": TV, "config": dict(max_lr=0.1, total_steps=101), "steps": list(range(101)), "rates": rates})
json.dump({"problem": __doc__.split("\n\n")[1], "cases": cases, "schedules": schedules}, open(sys.argv[1], "w"), indent=1)
print(len(cases), "optimizers", len(schedules), "schedules")

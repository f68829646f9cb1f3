"""Cells as one writes them by hand, once for all libraries.

`o` has a library's operations. `before` is what depends on the input alone, for all steps at once:
the terms of each step, and what is kept for `after`, which is made of all outputs. `step` is what
is left for each step. `first` is true at the first step. Cells that are linear in their state,
s' = a⊙s + b, say what a and b are, and what is read from s'.
"""

import math

NATIVE = {"LSTMCell", "GRUResetAfterCell"}  # what libraries have as one operation


def is_linear(name):
    return hasattr(globals().get(name), "coefficients")


class Cell:
    """The usual."""

    @staticmethod
    def state_shape(h):
        return (h,)

    @staticmethod
    def after(o, w, rest, y):
        return y


class LSTMCell(Cell):
    states = ("c", "h")

    @staticmethod
    def weights(i, h):
        return {"W": (i, 4 * h), "U": (h, 4 * h), "b": (4 * h,)}

    @staticmethod
    def before(o, w, x, first):
        return (o.matmul(x, w["W"]) + w["b"],), None

    @staticmethod
    def step(o, w, terms, state):
        c, h = state
        i, f, g, out = o.split(terms[0] + o.matmul(h, w["U"]), 4)
        c = o.sigmoid(f) * c + o.sigmoid(i) * o.tanh(g)
        h = o.sigmoid(out) * o.tanh(c)
        return h, (c, h)


class GRUResetAfterCell(Cell):
    states = ("h",)

    @staticmethod
    def weights(i, h):
        return {"W": (i, 3 * h), "U": (h, 3 * h), "b": (3 * h,), "b_r": (3 * h,)}

    @staticmethod
    def before(o, w, x, first):
        return (o.matmul(x, w["W"]) + w["b"],), None

    @staticmethod
    def step(o, w, terms, state):
        (h,) = state
        xz, xr, xn = o.split(terms[0], 3)
        hz, hr, hn = o.split(o.matmul(h, w["U"]) + w["b_r"], 3)
        z = o.sigmoid(xz + hz)
        n = o.tanh(xn + o.sigmoid(xr + hr) * hn)
        h = z * h + (1 - z) * n
        return h, (h,)


class MGUCell(Cell):
    states = ("h",)

    @staticmethod
    def weights(i, h):
        return {"W": (i, 2 * h), "U": (h, 2 * h), "b": (2 * h,)}

    @staticmethod
    def before(o, w, x, first):
        return o.split(o.matmul(x, w["W"]) + w["b"], 2), None

    @staticmethod
    def step(o, w, terms, state):
        (h,) = state
        U_f, U_n = o.split(w["U"], 2)
        f = o.sigmoid(terms[0] + o.matmul(h, U_f))
        n = o.tanh(terms[1] + o.matmul(f * h, U_n))
        h = (1 - f) * h + f * n
        return h, (h,)


class LayerNormLSTMCell(Cell):
    states = ("c", "h")
    epsilon = 1e-12

    @staticmethod
    def weights(i, h):
        each = {f"{name}_{k}": (h,) for k in "igfoc" for name in ("gamma", "beta")}
        return {"W": (i, 4 * h), "U": (h, 4 * h), **each}

    @staticmethod
    def before(o, w, x, first):
        return (o.matmul(x, w["W"]),), None

    @classmethod
    def step(cls, o, w, terms, state):
        c, h = state

        def norm(k, a):
            return o.layer_norm(a, w[f"gamma_{k}"], w[f"beta_{k}"], cls.epsilon)

        i, g, f, out = map(norm, "igfo", o.split(terms[0] + o.matmul(h, w["U"]), 4))
        c = norm("c", o.sigmoid(f + 1) * c + o.sigmoid(i) * o.tanh(g))
        h = o.sigmoid(out) * o.tanh(c)
        return h, (c, h)


class PeepholeLSTMCell(Cell):
    states = ("c", "h")

    @staticmethod
    def weights(i, h):
        return {**LSTMCell.weights(i, h), "p_i": (h,), "p_f": (h,), "p_o": (h,)}

    before = LSTMCell.before

    @staticmethod
    def step(o, w, terms, state):
        c, h = state
        i, f, g, out = o.split(terms[0] + o.matmul(h, w["U"]), 4)
        i = o.sigmoid(i + w["p_i"] * c)
        f = o.sigmoid(f + w["p_f"] * c)
        c = f * c + i * o.tanh(g)
        h = o.sigmoid(out + w["p_o"] * c) * o.tanh(c)
        return h, (c, h)


class NASCell(Cell):
    states = ("c", "m")

    @staticmethod
    def weights(i, h):
        return {"W": (i, 8 * h), "U": (h, 8 * h)}

    @staticmethod
    def before(o, w, x, first):
        return (o.matmul(x, w["W"]),), None

    @staticmethod
    def step(o, w, terms, state):
        c, m = state
        a = o.split(terms[0], 8)
        r = o.split(o.matmul(m, w["U"]), 8)
        p0 = o.tanh(o.tanh(o.sigmoid(a[0] + r[0]) * o.relu(a[1] + r[1])) + c)
        p1 = o.tanh(o.sigmoid(a[2] + r[2]) + o.relu(a[3] * r[3]))
        p2 = o.tanh(o.tanh(a[4] + r[4]) * o.sigmoid(a[5] + r[5]))
        p3 = o.sigmoid(o.tanh(a[6] + r[6]) + o.sigmoid(a[7] + r[7]))
        c = p0 * p1
        m = o.tanh(c * o.tanh(p2 + p3))
        return m, (c, m)


class Linear(Cell):
    """What is linear in its state: the terms are a and b of s' = a⊙s + b."""

    states = ("h",)

    @staticmethod
    def coefficients(o, w, terms):
        return terms

    @staticmethod
    def read(o, terms, s):
        return s

    @staticmethod
    def step(o, w, terms, state):
        h = terms[0] * state[0] + terms[1]
        return h, (h,)


class MinGRUCell(Linear):
    @staticmethod
    def weights(i, h):
        return {"W": (i, 2 * h)}

    @staticmethod
    def before(o, w, x, first):
        n, z = o.split(o.matmul(x, w["W"]), 2)
        n = o.where(n < 0, o.sigmoid(n), n + 0.5)
        z = o.sigmoid(z)
        return (1 - z, z * n), None


class RGLRUCell(Linear):
    @staticmethod
    def weights(i, h):
        return {"W_a": (1, h, h), "W_i": (1, h, h), "b_a": (h,), "b_i": (h,), "Lambda": (h,)}

    @staticmethod
    def before(o, w, x, first):
        r = o.sigmoid(o.matmul(x, w["W_a"][0]) + w["b_a"])
        i = o.sigmoid(o.matmul(x, w["W_i"][0]) + w["b_i"])
        a = o.exp(-8 * r * o.softplus(w["Lambda"]))
        m = o.sqrt(1 - a * a)
        a, m = o.where(first, 0 * a, a), o.where(first, 1 + 0 * m, m)
        return (a, m * (i * x)), None


class LRUCell(Cell):
    states = ("re", "im")

    @staticmethod
    def weights(i, h):
        vectors = {name: (h,) for name in ("nu", "theta", "gamma")}
        inward, outward = {"B_re": (i, h), "B_im": (i, h)}, {"C_re": (h, i), "C_im": (h, i)}
        return {**vectors, **inward, **outward, "D": (i,)}

    @staticmethod
    def eigenvalues(o, w):
        r, phi = o.exp(-o.exp(w["nu"])), o.exp(w["theta"])
        return r * o.cos(phi), r * o.sin(phi)

    @staticmethod
    def before(o, w, x, first):
        scale = o.exp(w["gamma"])
        terms = scale * o.matmul(x, w["B_re"]), scale * o.matmul(x, w["B_im"])
        return terms, x

    @classmethod
    def step(cls, o, w, terms, state):
        re, im = state
        l_re, l_im = cls.eigenvalues(o, w)
        state = l_re * re - l_im * im + terms[0], l_im * re + l_re * im + terms[1]
        return o.concat(state), state

    @classmethod
    def coefficients(cls, o, w, terms):
        l_re, l_im = cls.eigenvalues(o, w)
        b = o.complex(*terms)
        return o.complex(l_re, l_im) + 0 * b, b

    @staticmethod
    def read(o, terms, s):
        return o.concat((s.real, s.imag))

    @staticmethod
    def after(o, w, x, y):
        re, im = o.split(y, 2)
        return o.matmul(re, w["C_re"]) - o.matmul(im, w["C_im"]) + w["D"] * x


class SelectiveSSMCell(Cell):
    """A Mamba block; the state [H, N] is a row of H·N numbers."""

    states = ("s",)
    size = 16  # N
    kernel = 4

    @staticmethod
    def rank(i):
        return math.ceil(i / 16)

    @classmethod
    def weights(cls, i, h):
        r, n = cls.rank(i), cls.size
        return {
            "W_in": (i, 2 * h),
            "K": (cls.kernel, h),
            "b_K": (h,),
            "W_x": (h, r + 2 * n),
            "W_Delta": (r, h),
            "b_Delta": (h,),
            "A_log": (h, n),
            "D": (h,),
            "W_out": (h, i),
        }

    @staticmethod
    def state_shape(h):
        return (h, SelectiveSSMCell.size)

    @classmethod
    def before(cls, o, w, x, first):
        u, z = o.split(o.matmul(x, w["W_in"]), 2)
        u = sum(w["K"][-1 - k] * o.delayed(u, k) for k in range(cls.kernel)) + w["b_K"]
        u = u * o.sigmoid(u)
        terms = o.matmul(u, w["W_x"])
        r, n = w["W_Delta"].shape[0], cls.size
        delta = o.softplus(o.matmul(terms[..., :r], w["W_Delta"]) + w["b_Delta"])
        return (delta, delta * u, terms[..., r : r + n], terms[..., r + n :]), (u, z)

    @staticmethod
    def coefficients(o, w, terms):
        delta, du, B, C = terms
        return o.exp(-delta[..., None] * o.exp(w["A_log"])), du[..., None] * B[..., None, :]

    @staticmethod
    def read(o, terms, s):
        return o.sum_last(s * terms[3][..., None, :])

    @classmethod
    def step(cls, o, w, terms, state):
        a, b = cls.coefficients(o, w, terms)
        s = a * state[0] + b
        return cls.read(o, terms, s), (s,)

    @staticmethod
    def after(o, w, rest, y):
        u, z = rest
        return o.matmul((y + w["D"] * u) * z * o.sigmoid(z), w["W_out"])

"""JAX: cells written by hand, compiled, step by step or by an associative scan."""

import os

import numpy as np

import cells
from cases import input_of, weight_of

import jax
import jax.numpy as jnp


class Operations:
    sigmoid, tanh, relu, exp = jax.nn.sigmoid, jnp.tanh, jax.nn.relu, jnp.exp
    softplus, sqrt, cos, sin = jax.nn.softplus, jnp.sqrt, jnp.cos, jnp.sin
    where, matmul, complex = jnp.where, jnp.matmul, jax.lax.complex

    @staticmethod
    def split(a, parts):
        return jnp.split(a, parts, -1)

    @staticmethod
    def concat(parts):
        return jnp.concatenate(parts, -1)

    @staticmethod
    def sum_last(a):
        return a.sum(-1)

    @staticmethod
    def delayed(a, steps):
        return jnp.pad(a, ((0, 0), (steps, 0), (0, 0)))[:, : a.shape[1]]

    @staticmethod
    def layer_norm(a, gain, shift, epsilon):
        centred = a - a.mean(-1, keepdims=True)
        deviation = jnp.sqrt((centred * centred).mean(-1, keepdims=True) + epsilon)
        return gain * centred / deviation + shift


def over_time(terms):
    return jax.tree.map(lambda term: jnp.swapaxes(term, 0, 1), terms)


def step_by_step(cell, w, terms, state):
    def step(state, terms):
        y, state = cell.step(Operations, w, terms, state)
        return state, y

    state, y = jax.lax.scan(step, state, over_time(terms))
    return over_time(y), state


def associative(cell, w, terms, state):
    """States begin as zeros."""

    def combined(one, next_one):
        return one[0] * next_one[0], one[1] * next_one[0] + next_one[1]

    a, b = cell.coefficients(Operations, w, terms)
    _, s = jax.lax.associative_scan(combined, (a, b), axis=1)
    return cell.read(Operations, terms, s), state


class Peer:
    def __init__(self, case, threads, over_steps):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        self.case = case
        cell = getattr(cells, case.cell)
        shapes = cell.weights(case.input_size, case.hidden_size)
        self.weights = {name: weight_of(case, name, shape) for name, shape in shapes.items()}
        self.weights = jax.tree.map(jnp.asarray, self.weights)
        self.x = input_of(case)
        self.device_x = jnp.asarray(self.x)
        shape = (case.batch, *cell.state_shape(case.hidden_size))
        self.begin = tuple(jnp.zeros(shape, np.float32) for _ in cell.states)
        self.state = self.begin

        def forward(w, x, state):
            first = (jnp.arange(x.shape[1]) == 0)[None, :, None]
            terms, rest = cell.before(Operations, w, x, first)
            y, state = over_steps(cell, w, terms, state)
            return cell.after(Operations, w, rest, y), state

        def loss(w, x, state):
            y, _ = forward(w, x, state)
            return y.sum(), y

        self.forward = jax.jit(forward)
        self.gradient = jax.jit(jax.grad(loss, argnums=(0, 1), has_aux=True))
        self.run = self.train if case.trains else self.step if case.kind == "step" else self.answer

    def answer(self):
        return np.asarray(self.forward(self.weights, self.x, self.begin)[0])

    def step(self):
        y, self.state = self.forward(self.weights, self.x, self.state)
        return np.asarray(y)

    def train(self):
        return jax.block_until_ready(self.gradient(self.weights, self.device_x, self.begin))

    def results(self):
        if self.case.kind == "step":
            self.state = self.begin
            self.step()
            return {"y": self.step()}
        if not self.case.trains:
            return {"y": self.answer()}
        (weights, x), y = self.train()
        return {"y": y, "dx": x, **{f"d{name}": value for name, value in weights.items()}}

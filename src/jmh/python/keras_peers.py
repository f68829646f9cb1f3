"""Keras on TensorFlow: its own layers, and cells written by hand in its RNN layer."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from keras import ops

import cells
from cases import input_of, weight_of


class Operations:
    sigmoid, tanh, relu, exp, softplus = ops.sigmoid, ops.tanh, ops.relu, ops.exp, ops.softplus
    sqrt, cos, sin, where, matmul = ops.sqrt, ops.cos, ops.sin, ops.where, ops.matmul

    @staticmethod
    def split(a, parts):
        return ops.split(a, parts, -1)

    @staticmethod
    def concat(parts):
        return ops.concatenate(parts, -1)

    @staticmethod
    def sum_last(a):
        return ops.sum(a, -1)

    @staticmethod
    def delayed(a, steps):
        return ops.pad(a, ((0, 0), (steps, 0), (0, 0)))[:, : a.shape[1]]

    @staticmethod
    def layer_norm(a, gain, shift, epsilon):
        centred = a - ops.mean(a, -1, keepdims=True)
        deviation = ops.sqrt(ops.mean(centred * centred, -1, keepdims=True) + epsilon)
        return gain * centred / deviation + shift


class StepCell(keras.layers.Layer):
    """A cell whose terms stand side by side in its input."""

    def __init__(self, cell, weights, hidden_size):
        super().__init__()
        self.cell = cell
        self.own = weights
        self.state_size = [cell.state_shape(hidden_size)] * len(cell.states)
        self.state_size = [shape[0] if len(shape) == 1 else shape for shape in self.state_size]
        self.built = True

    def get_initial_state(self, batch_size=None):
        shapes = [size if isinstance(size, tuple) else (size,) for size in self.state_size]
        return [ops.zeros((batch_size, *shape)) for shape in shapes]

    def call(self, terms, states, training=False):
        ends = np.cumsum(self.widths).tolist()
        terms = [terms[:, end - width : end] for width, end in zip(self.widths, ends)]
        y, states = self.cell.step(Operations, self.own, terms, states)
        return y, list(states)


class Loop:
    def __init__(self, case):
        self.cell = getattr(cells, case.cell)
        shapes = self.cell.weights(case.input_size, case.hidden_size)
        self.weights = {
            name: tf.Variable(weight_of(case, name, shape)) for name, shape in shapes.items()
        }
        self.step_cell = StepCell(self.cell, self.weights, case.hidden_size)
        self.layer = keras.layers.RNN(self.step_cell, return_sequences=True)

    def forward(self, x, state):
        first = (ops.arange(x.shape[1]) == 0)[None, :, None]
        w = {name: tf.convert_to_tensor(weight) for name, weight in self.weights.items()}
        terms, rest = self.cell.before(Operations, w, x, first)
        self.step_cell.widths = [term.shape[-1] for term in terms]
        self.step_cell.own = w
        y = self.layer(ops.concatenate(terms, -1))
        return self.cell.after(Operations, w, rest, y), state

    def variables(self):
        return self.weights


class Native:
    """Keras has the same order of blocks, and the two biases of a GRU in one matrix."""

    def __init__(self, case):
        self.gru = case.cell == "GRUResetAfterCell"
        make = keras.layers.GRU if self.gru else keras.layers.LSTM
        self.layer = make(case.hidden_size, return_sequences=True, return_state=True)
        self.layer.build((None, None, case.input_size))
        shapes = getattr(cells, case.cell).weights(case.input_size, case.hidden_size)
        values = {name: weight_of(case, name, shape) for name, shape in shapes.items()}
        bias = np.stack([values["b"], values["b_r"]]) if self.gru else values["b"]
        self.layer.set_weights([values["W"], values["U"], bias])

    def forward(self, x, state):
        y, *state = self.layer(x, initial_state=list(state) if state else None)
        return y, state

    def variables(self):
        return dict(zip(("W", "U", "b"), (v.value for v in self.layer.trainable_variables)))


class Peer:
    def __init__(self, case, threads, _):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.case = case
        native = case.cell in cells.NATIVE
        self.made = (Native if native else Loop)(case)
        self.x = input_of(case)
        self.tensor = tf.constant(self.x)
        self.begin = [tf.zeros((case.batch, case.hidden_size))] * (1 if "GRU" in case.cell else 2)
        self.state = self.begin
        self.forward = tf.function(self.made.forward)
        self.gradient = tf.function(self.differentiated)
        self.run = self.train if case.trains else self.step if case.kind == "step" else self.answer

    def differentiated(self, x):
        variables = self.made.variables()
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, _ = self.made.forward(x, None)
            loss = tf.reduce_sum(y)
        return y, *tape.gradient(loss, [x, *variables.values()])

    def answer(self):
        return self.forward(tf.constant(self.x), None)[0].numpy()

    def step(self):
        y, self.state = self.forward(tf.constant(self.x), self.state)
        return y.numpy()

    def train(self):
        return self.gradient(self.tensor)

    def results(self):
        if self.case.kind == "step":
            self.state = self.begin
            self.step()
            return {"y": self.step()}
        if not self.case.trains:
            return {"y": self.answer()}
        y, x, *gradients = self.train()
        named = dict(zip(self.made.variables(), gradients))
        if self.case.cell == "GRUResetAfterCell":
            named["b"], named["b_r"] = named["b"][0], named["b"][1]
        return {"y": y, "dx": x, **{f"d{name}": value for name, value in named.items()}}

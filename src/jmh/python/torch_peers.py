"""PyTorch: its own layers, loops written by hand, and those of torchrecurrent."""

import torch
import torch.nn.functional as F

import cells
from cases import input_of, weight_of


class Operations:
    sigmoid, tanh, relu, exp = torch.sigmoid, torch.tanh, torch.relu, torch.exp
    softplus, sqrt, cos, sin = F.softplus, torch.sqrt, torch.cos, torch.sin
    where, matmul = torch.where, torch.matmul

    @staticmethod
    def split(a, parts):
        return torch.chunk(a, parts, -1)

    @staticmethod
    def concat(parts):
        return torch.cat(parts, -1)

    @staticmethod
    def sum_last(a):
        return a.sum(-1)

    @staticmethod
    def delayed(a, steps):
        return F.pad(a, (0, 0, steps, 0))[:, : a.shape[1]]

    @staticmethod
    def layer_norm(a, gain, shift, epsilon):
        return F.layer_norm(a, a.shape[-1:], gain, shift, epsilon)


class Loop:
    """A cell step by step; x·W of all steps before it."""

    def __init__(self, case):
        self.cell = getattr(cells, case.cell)
        shapes = self.cell.weights(case.input_size, case.hidden_size)
        self.weights = {
            name: torch.from_numpy(weight_of(case, name, shape)).requires_grad_(case.trains)
            for name, shape in shapes.items()
        }
        self.state_shape = self.cell.state_shape(case.hidden_size)

    def begin(self, batch):
        return tuple(torch.zeros(batch, *self.state_shape) for _ in self.cell.states)

    def forward(self, x, state):
        first = (torch.arange(x.shape[1]) == 0)[None, :, None]
        terms, rest = self.cell.before(Operations, self.weights, x, first)
        outputs = []
        for step in zip(*(term.unbind(1) for term in terms)):
            y, state = self.cell.step(Operations, self.weights, step, state)
            outputs.append(y)
        return self.cell.after(Operations, self.weights, rest, torch.stack(outputs, 1)), state

    def parameters(self):
        return self.weights.values()

    def gradients(self):
        return {name: weight.grad for name, weight in self.weights.items()}


class Layer:
    """A layer of the library, whose matrices are [kH, I]; `order` has the place of each block."""

    def __init__(self, layer, case, names, order):
        self.layer = layer
        self.names = names
        self.order = order
        self.states = 2 if "LSTM" in case.cell else 1
        self.hidden_size = case.hidden_size
        shapes = getattr(cells, case.cell).weights(case.input_size, case.hidden_size)
        own = dict(layer.named_parameters())
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.requires_grad_(case.trains)
                if name not in names.values():
                    parameter.zero_()
            for symbol, name in names.items():
                weight = torch.from_numpy(weight_of(case, symbol, shapes[symbol]))
                own[name].copy_(self.moved(weight).T)

    def moved(self, a):
        """Blocks of the last axis in the library's order, or back: the order is its own inverse."""
        blocks = torch.chunk(a, len(self.order), -1)
        return torch.cat([blocks[k] for k in self.order], -1)

    def begin(self, batch):
        states = tuple(torch.zeros(1, batch, self.hidden_size) for _ in range(self.states))
        return states if self.states > 1 else states[0]

    def forward(self, x, state):
        return self.layer(x, state)

    def parameters(self):
        return self.layer.parameters()

    def gradients(self):
        own = dict(self.layer.named_parameters())
        return {symbol: self.moved(own[name].grad.T) for symbol, name in self.names.items()}


def native(case):
    """PyTorch's own, if it has one."""
    sizes = case.input_size, case.hidden_size
    names = {"W": "weight_ih_l0", "U": "weight_hh_l0", "b": "bias_ih_l0"}
    if case.cell == "LSTMCell":
        return Layer(torch.nn.LSTM(*sizes, batch_first=True), case, names, (0, 1, 2, 3))
    if case.cell == "GRUResetAfterCell":
        names["b_r"] = "bias_hh_l0"
        return Layer(torch.nn.GRU(*sizes, batch_first=True), case, names, (1, 0, 2))
    return Loop(case)


def torchrecurrent(case):
    import torchrecurrent

    sizes = case.input_size, case.hidden_size
    names = {"W": "cells.0.weight_ih", "U": "cells.0.weight_hh", "b": "cells.0.bias_ih"}
    if case.cell == "MGUCell":
        return Layer(torchrecurrent.MGU(*sizes, batch_first=True), case, names, (0, 1))
    return TorchrecurrentPeephole(
        torchrecurrent.PeepholeLSTM(*sizes, batch_first=True), case, names, (0, 1, 2, 3)
    )


class TorchrecurrentPeephole(Layer):
    """Has its three peepholes in one vector, in the order i, f, o."""

    peepholes = ("p_i", "p_f", "p_o")

    def __init__(self, layer, case, names, order):
        super().__init__(layer, case, names, order)
        with torch.no_grad():
            vectors = [weight_of(case, name, (case.hidden_size,)) for name in self.peepholes]
            layer.cells[0].weight_ph.copy_(torch.cat([torch.from_numpy(v) for v in vectors]))

    def gradients(self):
        own = torch.chunk(self.layer.cells[0].weight_ph.grad, 3)
        return {**super().gradients(), **dict(zip(self.peepholes, own))}


class Peer:
    def __init__(self, case, threads, make):
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(threads)
        self.case = case
        self.made = make(case)
        self.x = input_of(case)
        self.leaf = torch.from_numpy(self.x).requires_grad_(case.trains)
        self.begin = self.made.begin(case.batch)
        self.state = self.begin
        self.run = self.train if case.trains else self.step if case.kind == "step" else self.answer

    def answer(self):
        with torch.inference_mode():
            return self.made.forward(torch.from_numpy(self.x), self.begin)[0].numpy()

    def step(self):
        with torch.inference_mode():
            y, self.state = self.made.forward(torch.from_numpy(self.x), self.state)
            return y.numpy()

    def train(self):
        for parameter in (self.leaf, *self.made.parameters()):
            parameter.grad = None
        y, _ = self.made.forward(self.leaf, self.begin)
        y.sum().backward()
        return y

    def results(self):
        if self.case.kind == "step":
            self.state = self.begin
            self.step()
            return {"y": self.step()}
        if not self.case.trains:
            return {"y": self.answer()}
        y = self.train().detach()
        gradients = {f"d{name}": gradient for name, gradient in self.made.gradients().items()}
        return {"y": y, "dx": self.leaf.grad, **gradients}

"""Writes the PyTorch files of src/test/resources/io/torch: python torch_models.py FOLDER

zoo.pt and zoo.safetensors are the state_dict of a module with a part of each kind; zoo.json has inputs and outputs of each part. tagger.pt is a whole model, with
rows of several lengths. arrays.pt has what state_dicts can have: types, strides, offsets, shared storages, parameters, dictionaries in dictionaries; arrays.json
the numbers. The others must be refused.
"""
import json
import pathlib
import subprocess
import sys

import torch
from safetensors.torch import save_file
from torch import nn

I, H = 3, 4


def parts():
    return {
        "rnn": nn.RNN(I, H, batch_first=True),
        "rnn_relu": nn.RNN(I, H, num_layers=2, nonlinearity="relu", bias=False, batch_first=True),
        "rnn_bi": nn.RNN(I, H, bidirectional=True, batch_first=True),
        "lstm": nn.LSTM(I, H, batch_first=True),
        "lstm_deep": nn.LSTM(I, H, num_layers=3, bidirectional=True, batch_first=True),
        "lstm_plain": nn.LSTM(I, H, bias=False, batch_first=True),
        "lstm_projected": nn.LSTM(I, H, num_layers=2, proj_size=2, bidirectional=True, batch_first=True),
        "gru": nn.GRU(I, H, batch_first=True),
        "gru_deep": nn.GRU(I, H, num_layers=2, bidirectional=True, batch_first=True),
        "gru_plain": nn.GRU(I, H, num_layers=2, bias=False, batch_first=True),
        "rnn_cell": nn.RNNCell(I, H),
        "lstm_cell": nn.LSTMCell(I, H),
        "gru_cell": nn.GRUCell(I, H, bias=False),
        "linear": nn.Linear(I, H),
        "linear_plain": nn.Linear(I, H, bias=False),
        "embedding": nn.Embedding(6, H, padding_idx=2),
        "norm": nn.LayerNorm(I),
        "norm_plain": nn.LayerNorm(I, eps=1e-3, bias=False),
    }


def outputs(module, x):
    if not isinstance(module, nn.RNNCellBase):
        y = module(x)
        return y[0] if isinstance(y, tuple) else y
    state, steps = None, []
    for t in range(x.shape[1]):
        state = module(x[:, t], state)
        steps.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(steps, 1)


def zoo(folder):
    module = nn.ModuleDict(parts())
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(0.5 * torch.randn_like(p))
    state = module.state_dict()
    torch.save(state, folder / "zoo.pt")
    save_file(state, folder / "zoo.safetensors", metadata={"format": "pt"})
    cases = {}
    for name, part in module.items():
        x = torch.randint(6, (2, 5)) if name == "embedding" else torch.randn(2, 5, I)
        cases[name] = {"input": x.tolist(), "output": outputs(part, x).tolist()}
    write(folder / "zoo.json", cases)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(9, 5, padding_idx=0)
        self.encoder = nn.GRU(5, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 3))

    def forward(self, tokens, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        return self.head(hidden)


def tagger(folder):
    module = Tagger()
    torch.save({"epoch": 3, "model": module.state_dict(), "losses": [0.5, 0.25]}, folder / "tagger.pt")
    lengths = [6, 2, 4]
    tokens = torch.randint(1, 9, (3, 6))
    for row, length in zip(tokens, lengths):
        row[length:] = 0
    y = module(tokens, torch.tensor(lengths))
    rows = [{"tokens": tokens[k, :n].tolist(), "output": y[k, :n].tolist()} for k, n in enumerate(lengths)]
    write(folder / "tagger.json", rows)


def arrays(folder):
    base = torch.arange(24.0).reshape(4, 6) + 0.5
    values = {
        "base": base,
        "transposed": base.T,
        "window": base[1:3, 2:5],
        "every_second": base[:, ::2],
        "diagonal": base.diagonal(),
        "scalar": torch.tensor(7.25),
        "empty": torch.zeros(0, 3),
        "parameter": nn.Parameter(torch.tensor([1.5, -2.5])),
        "f64": torch.tensor([1 / 3, -1e300], dtype=torch.float64),
        "f16": torch.tensor([1.5, -0.1, 65504.0, 6e-8, float("inf")], dtype=torch.float16),
        "bf16": torch.tensor([1.5, -0.1, 3e38], dtype=torch.bfloat16),
        "i64": torch.tensor([1, -(2**40)]),
        "i32": torch.tensor([1, -(2**30)], dtype=torch.int32),
        "i16": torch.tensor([1, -300], dtype=torch.int16),
        "i8": torch.tensor([1, -100], dtype=torch.int8),
        "u8": torch.tensor([1, 200], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
    }
    nested = {**values, "deep": {"er": {"x": torch.tensor([3.0])}, 0: {"step": torch.tensor(4.0)}}}
    torch.save(nested, folder / "arrays.pt")
    torch.save(nested, folder / "arrays-5.pt", pickle_protocol=5)
    values |= {"deep.er.x": nested["deep"]["er"]["x"], "deep.0.step": nested["deep"][0]["step"]}
    numbers = {k: {"shape": list(v.shape), "values": [repr(x) for x in v.flatten().tolist()]} for k, v in values.items()}
    write(folder / "arrays.json", numbers)
    save_file({k: v.detach().clone().contiguous() for k, v in values.items()}, folder / "arrays.safetensors")


class Command:
    def __reduce__(self):
        return subprocess.run, (["touch", "pwned"],)


def refused(folder):
    torch.save({"x": torch.ones(2)}, folder / "old-form.pt", _use_new_zipfile_serialization=False)
    torch.save({"x": torch.ones(2), "y": Command()}, folder / "command.pt")
    torch.save(nn.Linear(2, 2), folder / "module.pt")
    torch.save({"x": torch.sparse_coo_tensor([[0]], [1.0], (2,))}, folder / "sparse.pt")
    torch.save({"x": torch.ones(1).expand(1000)}, folder / "expanded.pt")
    torch.save({"x": torch.ones(2, dtype=torch.complex64)}, folder / "complex.pt")
    save_file({"x": torch.ones(2), "y": torch.ones(2, dtype=torch.float8_e4m3fn)}, folder / "float8.safetensors")


def write(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    torch.manual_seed(1)
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in zoo, tagger, arrays, refused:
        make(target)

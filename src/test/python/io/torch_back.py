"""Loads the models that kazoku.io.TorchBack wrote and compares outputs: python torch_back.py FOLDER

Fails if load_state_dict misses a name or has one too many, or if a number is more than 1e-5 away.
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file
from torch import nn

I, H = 3, 4
MODULES = {
    "rnn": lambda: nn.RNN(I, H, batch_first=True),
    "rnn_relu": lambda: nn.RNN(I, H, num_layers=2, nonlinearity="relu", bias=False, batch_first=True),
    "lstm": lambda: nn.LSTM(I, H, batch_first=True),
    "lstm_deep": lambda: nn.LSTM(I, H, num_layers=2, bidirectional=True, batch_first=True),
    "lstm_projected": lambda: nn.LSTM(I, H, proj_size=2, bidirectional=True, batch_first=True),
    "gru": lambda: nn.GRU(I, H, batch_first=True),
    "gru_deep": lambda: nn.GRU(I, H, num_layers=2, bidirectional=True, batch_first=True),
    "tagger": lambda: Tagger(),
}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(9, I)
        self.encoder = nn.LSTM(I, H, batch_first=True)
        self.norm = nn.LayerNorm(H)
        self.head = nn.Linear(H, 2)

    def forward(self, tokens):
        return self.head(self.norm(self.encoder(self.words(tokens))[0]))


def difference(folder, name, case):
    module = MODULES[name]()
    state = load_file(folder / f"{name}.safetensors")
    # A layer alone in a model has its name here, "rnn." or "stacked."; in PyTorch the module is that layer.
    if name != "tagger":
        state = {key.split(".", 1)[1]: value for key, value in state.items()}
    module.load_state_dict(state, strict=True)
    y = module(torch.tensor(case["input"]))
    y = y[0] if isinstance(y, tuple) else y
    return (y - torch.tensor(case["output"])).abs().max().item()


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    cases = json.loads((folder / "outputs.json").read_text())
    assert cases.keys() == MODULES.keys()
    worst = {name: difference(folder, name, case) for name, case in cases.items()}
    for name, largest in worst.items():
        print(f"{name:16} {largest:.1e}")
    sys.exit(max(worst.values()) > 1e-5)

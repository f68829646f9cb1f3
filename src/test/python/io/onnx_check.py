"""Checks ONNX files with onnx's own checker, and that ONNX Runtime opens them.

The files: run OnnxTest with -Dkazoku.onnx=FOLDER. Then, with `pip install onnx onnxruntime`:

    python onnx_check.py FOLDER
"""

import pathlib
import sys

import onnx
import onnxruntime

files = sorted(pathlib.Path(sys.argv[1]).rglob("*.onnx"))
for file in files:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
print(len(files), "files are as they must be")
sys.exit(0 if files else 1)

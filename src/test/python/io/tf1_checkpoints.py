"""Writes the TensorFlow 1 checkpoints of src/test/resources/io/tf1: python tf1_checkpoints.py FOLDER

zoo has the cells of tf.nn.rnn_cell (kept alive in tf-keras), under dynamic_rnn, with TensorFlow's own names; the fused cells of tf.contrib, which are gone, are
written out with its names around the kernels that are still there (LSTMBlockCell) or as its equations (CudnnCompatibleGRUCell). zoo.json has inputs and outputs.
arrays has numbers of all types in two shards, arrays.json what they are.
"""
import json
import os
import pathlib
import sys

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_eager_execution()
B, T, I, H = 2, 5, 3, 4
rng = np.random.RandomState(1)


def run(cell, x, name):
    return tf1.nn.dynamic_rnn(cell, x, dtype=tf.float32, scope=name)[0]


def both(x, name):
    cells = tf1.nn.rnn_cell.GRUCell(H), tf1.nn.rnn_cell.GRUCell(H)
    return tf.concat(tf1.nn.bidirectional_dynamic_rnn(*cells, x, dtype=tf.float32, scope=name)[0], -1)


def stacked(x, name):
    return run(tf1.nn.rnn_cell.MultiRNNCell([tf1.nn.rnn_cell.BasicLSTMCell(H), tf1.nn.rnn_cell.BasicLSTMCell(H + 1)]), x, name)


def block(x, name, peepholes):
    """tf.contrib.rnn.LSTMBlockCell."""
    with tf1.variable_scope(name + "/lstm_cell"):
        kernel = tf1.get_variable("kernel", [I + H, 4 * H])
        bias = tf1.get_variable("bias", [4 * H])
        diagonals = [tf1.get_variable(f"w_{k}_diag", [H]) if peepholes else tf.zeros([H]) for k in "ifo"]
    c = h = tf.zeros([B, H])
    steps = []
    for t in range(T):
        _, c, _, _, _, _, h = tf.raw_ops.LSTMBlockCell(
            x=x[:, t], cs_prev=c, h_prev=h, w=kernel, wci=diagonals[0], wcf=diagonals[1], wco=diagonals[2], b=bias,
            forget_bias=1.0, cell_clip=-1.0, use_peephole=peepholes)
        steps.append(h)
    return tf.stack(steps, 1)


def reset_after(x, name):
    """tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell."""
    def linear(scope, a, size):
        with tf1.variable_scope(scope):
            return tf.matmul(a, tf1.get_variable("kernel", [a.shape[-1], size])) + tf1.get_variable("bias", [size])

    h = tf.zeros([B, H])
    steps = []
    with tf1.variable_scope(name + "/cudnn_compatible_gru_cell", reuse=tf1.AUTO_REUSE):
        for t in range(T):
            r, u = tf.split(tf.sigmoid(linear("gates", tf.concat([x[:, t], h], 1), 2 * H)), 2, 1)
            n = tf.tanh(linear("candidate/input_projection", x[:, t], H) + r * linear("candidate/hidden_projection", h, H))
            h = (1 - u) * n + u * h
            steps.append(h)
    return tf.stack(steps, 1)


def dense(x, name):
    with tf1.variable_scope(name):
        return tf.tensordot(x, tf1.get_variable("kernel", [I, H]), 1) + tf1.get_variable("bias", [H])


def zoo(folder):
    cell = tf1.nn.rnn_cell
    parts = {
        "basic_rnn": lambda x, n: run(cell.BasicRNNCell(H), x, n),
        "basic_lstm": lambda x, n: run(cell.BasicLSTMCell(H), x, n),
        "lstm": lambda x, n: run(cell.LSTMCell(H, forget_bias=0.5), x, n),
        "peepholes": lambda x, n: run(cell.LSTMCell(H, use_peepholes=True), x, n),
        "projected": lambda x, n: run(cell.LSTMCell(H, num_proj=2), x, n),
        "projected_peepholes": lambda x, n: run(cell.LSTMCell(H, num_proj=2, use_peepholes=True), x, n),
        "gru": lambda x, n: run(cell.GRUCell(H), x, n),
        "both": both,
        "stacked": stacked,
        "block": lambda x, n: block(x, n, False),
        "block_peepholes": lambda x, n: block(x, n, True),
        "reset_after": reset_after,
        "dense": dense,
    }
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [B, T, I])
        outputs = {name: part(x, name) for name, part in parts.items()}
        embedding = tf1.get_variable("words/embeddings", [6, H])
        for variable in tf1.global_variables():
            variable.load(0.5 * rng.randn(*variable.shape.as_list()).astype(np.float32), session)
        cases = {}
        for name, output in outputs.items():
            value = rng.randn(B, T, I).astype(np.float32)
            cases[name] = {"input": value.tolist(), "output": session.run(output, {x: value}).tolist()}
        tokens = rng.randint(6, size=(B, T))
        cases["words"] = {"input": tokens.tolist(), "output": session.run(tf.gather(embedding, tokens)).tolist()}
        tf1.train.Saver().save(session, str(folder / "zoo"), write_meta_graph=False, write_state=False)
    write(folder / "zoo.json", cases)


def arrays(folder):
    values = {
        "a/f64": np.array([1 / 3, -1e300]),
        "a/f32": np.arange(6, dtype=np.float32).reshape(2, 3) + 0.5,
        "a/f16": np.array([1.5, -0.1, 6e-8], np.float16),
        "a/bf16": np.array([1.5, -0.1, 3e38], tf.bfloat16.as_numpy_dtype),
        "b/i64": np.array([1, -(2**40)]),
        "b/i32": np.array([1, -(2**30)], np.int32),
        "b/i16": np.array([1, -300], np.int16),
        "b/i8": np.array([1, -100], np.int8),
        "b/u8": np.array([1, 200], np.uint8),
        "b/bool": np.array([True, False]),
        "b/scalar": np.float32(7.25),
        "b/empty": np.zeros((0, 3), np.float32),
    }
    texts = {"b/text": np.array(["no", "number"])}
    with tf.Graph().as_default(), tf1.Session() as session:
        tensors = {name: tf.convert_to_tensor(value) for name, value in (values | texts).items()}
        shards = []
        for first in "ab":
            names = [name for name in tensors if name.startswith(first)]
            shards.append(str(folder / f"shard-{first}"))
            session.run(tf.raw_ops.SaveV2(prefix=shards[-1], tensor_names=names, shape_and_slices=[""] * len(names), tensors=[tensors[n] for n in names]))
        session.run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=shards, destination_prefix=str(folder / "arrays"), delete_old_dirs=False))
        slices = tf.raw_ops.SaveV2(
            prefix=str(folder / "sliced"), tensor_names=["x", "x"], shape_and_slices=["4 3 0,2:-", "4 3 2,2:-"], tensors=[tf.ones([2, 3]), tf.zeros([2, 3])])
        session.run(slices)
        numbers = {n: session.run(tf.cast(tensors[n], tf.float64)) for n in values}
    write(folder / "arrays.json", {n: {"shape": list(v.shape), "values": [repr(float(x)) for x in v.flatten()]} for n, v in numbers.items()})


def write(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1]).absolute()
    target.mkdir(parents=True, exist_ok=True)
    zoo(target)
    arrays(target)

"""Small models of Keras 3 and Keras 2 with random weights, and what they compute.

    pip install keras==3.15.0 tensorflow-cpu==2.18.1 tf-keras==2.18.0
    python keras_models.py src/test/resources/io/keras [NAME …]

writes NAME.keras3.keras, NAME.keras2.h5 and so on, and beside them NAME.json, which has inputs and
the outputs of both. Several variants of a layer stand side by side in one model. What Keras 3.3
makes of masks that are joined is in merged33: merged by keras==3.3.3, tensorflow-cpu==2.16.2.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras as keras3
import numpy as np
import tf_keras as keras2

B, T, I = 3, 5, 3


def vectors(*shape):
    return np.random.default_rng(7).normal(size=(B, T, *shape)).astype("float32")


def tokens(*shape):
    data = np.random.default_rng(8).integers(1, 9, size=(B, T, *shape))
    data[0, 3:] = 0
    data[1, 1] = 0
    return data.astype("int32")


def masked():
    data = vectors(I)
    data[0, 3:] = -1
    data[1, 0] = -1
    data[2, 2] = -1
    return data


def simple(k):
    x = k.Input((None, I), name="x")
    y = [
        k.layers.SimpleRNN(4, return_sequences=True, name="plain")(x),
        k.layers.SimpleRNN(4, use_bias=False, activation="relu", name="unbiased")(x),
        k.layers.SimpleRNN(2, dropout=0.2, recurrent_dropout=0.3, name="dropped")(x),
    ]
    return k.Model(x, y), [vectors(I)]


def lstm(k):
    x = k.Input((None, I), name="x")
    y = [
        k.layers.LSTM(4, return_sequences=True, name="plain")(x),
        k.layers.LSTM(4, use_bias=False, name="unbiased")(x),
        k.layers.LSTM(2, unit_forget_bias=False, dropout=0.2, recurrent_dropout=0.3, name="dropped")(x),
        k.layers.LSTM(
            3, activation="softsign", recurrent_activation="hard_sigmoid", return_sequences=True, name="hard"
        )(x),
        k.layers.LSTM(3, go_backwards=True, name="backwards")(x),
        k.layers.LSTM(3, go_backwards=True, return_sequences=True, name="backwards_steps")(x),
    ]
    return k.Model(x, y), [vectors(I)]


def gru(k):
    x = k.Input((None, I), name="x")
    y = [
        k.layers.GRU(4, return_sequences=True, name="after")(x),
        k.layers.GRU(4, use_bias=False, name="after_unbiased")(x),
        k.layers.GRU(4, reset_after=False, return_sequences=True, name="before")(x),
        k.layers.GRU(4, reset_after=False, use_bias=False, name="before_unbiased")(x),
        k.layers.GRU(
            2, reset_after=False, activation="elu", recurrent_activation="hard_sigmoid", name="before_hard"
        )(x),
        k.layers.GRU(
            2, recurrent_activation="hard_sigmoid", dropout=0.2, recurrent_dropout=0.3, name="after_hard"
        )(x),
    ]
    return k.Model(x, y), [vectors(I)]


def bidirectional(k):
    x = k.Input((None, I), name="x")
    both = k.layers.Bidirectional
    y = [
        both(k.layers.LSTM(2, return_sequences=True), name="concat")(x),
        both(k.layers.GRU(2), merge_mode="sum", name="sum")(x),
        both(k.layers.SimpleRNN(2, return_sequences=True), merge_mode="ave", name="ave")(x),
        both(k.layers.GRU(2, return_sequences=True, reset_after=False), merge_mode="mul", name="mul")(x),
        *both(k.layers.LSTM(2, return_sequences=True), merge_mode=None, name="none")(x),
        both(
            k.layers.GRU(3, return_sequences=True),
            backward_layer=k.layers.LSTM(2, go_backwards=True, return_sequences=True),
            name="mixed",
        )(x),
    ]
    return k.Model(x, y), [vectors(I)]


def stacked(k):
    x = k.Input((None, I), name="x")
    cells = k.layers.LSTMCell, k.layers.GRUCell, k.layers.SimpleRNNCell
    y = [
        k.layers.RNN(
            [cells[0](2), cells[1](3, reset_after=True), cells[0](4)], return_sequences=True, name="stack"
        )(x),
        k.layers.RNN(k.layers.StackedRNNCells([cells[2](2), cells[2](3)]), name="explicit")(x),
        k.layers.RNN(cells[1](3, reset_after=False), go_backwards=True, name="single")(x),
        k.layers.Bidirectional(k.layers.RNN([cells[2](2), cells[1](2)], return_sequences=True), name="both")(x),
    ]
    return k.Model(x, y), [vectors(I)]


def images(k):
    x = k.Input((None, 5, 4, 2), name="x")
    y = [
        k.layers.ConvLSTM2D(2, (3, 2), padding="same", return_sequences=True, name="same")(x),
        k.layers.ConvLSTM2D(1, 2, strides=2, use_bias=False, recurrent_activation="sigmoid", name="strided")(x),
        k.layers.Bidirectional(k.layers.ConvLSTM2D(1, 2, dilation_rate=2), name="dilated")(x),
    ]
    return k.Model(x, y), [vectors(5, 4, 2)]


def lines(k):
    x = k.Input((None, 6, 2), name="x")
    y = k.layers.ConvLSTM1D(3, 3, padding="same", activation="relu", recurrent_activation="hard_sigmoid")(x)
    return k.Model(x, y), [vectors(6, 2)]


def tagger(k):
    return (
        k.Sequential(
            [
                k.Input((None,), dtype="int32", name="words"),
                k.layers.Embedding(10, 4, mask_zero=True),
                k.layers.SpatialDropout1D(0.1),
                k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True)),
                k.layers.Dropout(0.3),
                k.layers.LayerNormalization(),
                k.layers.TimeDistributed(k.layers.Dense(4, activation="softmax")),
            ]
        ),
        [tokens()],
    )


def classifier(k):
    return (
        k.Sequential(
            [
                k.Input((None, I), name="steps"),
                k.layers.GRU(4, return_sequences=True),
                k.layers.GRU(3),
                k.layers.BatchNormalization(),
                k.layers.Dense(2, activation="sigmoid"),
            ],
            name="classifier",
        ),
        [vectors(I)],
    )


def masks(k):
    x = k.Input((None, I), name="x")
    m = k.layers.Masking(-1.0)(x)
    steps = k.layers.LSTM(4, return_sequences=True, name="steps")(m)
    other = k.layers.GRU(4, return_sequences=True, zero_output_for_mask=True, name="other")(m)
    ahead = k.layers.LSTM(3, return_sequences=True, go_backwards=True, name="backwards")(m)
    both = k.layers.Bidirectional(k.layers.SimpleRNN(2, return_sequences=True), name="both")(m)
    added = k.layers.Add(name="added")([steps, other])
    beside = k.layers.Concatenate(name="beside")([both, steps])
    convolved = k.layers.Conv1D(4, 3, padding="causal", name="convolved")(beside)
    dense = k.layers.Dense(3, activation="tanh", name="dense")(k.layers.BatchNormalization()(added))
    y = [
        steps,
        other,
        ahead,
        both,
        added,
        convolved,
        k.layers.GlobalMaxPooling1D(name="max")(both),
        k.layers.GlobalAveragePooling1D(name="mean")(added),
        k.layers.GRU(3, name="after_dense")(dense),
        k.layers.GRU(3, name="after_convolution")(convolved),
        k.layers.GRU(3, name="after_beside")(beside),
        k.layers.TimeDistributed(k.layers.Dense(2), name="distributed")(added),
    ]
    return k.Model(x, y), [masked()]


def merged(k):
    x = k.Input((None, I), name="x")
    m = k.layers.Masking(-1.0)(x)
    steps = k.layers.LSTM(2, return_sequences=True, name="steps")(m)
    unmasked = k.layers.SimpleRNN(2, return_sequences=True, name="unmasked")(x)
    pairs = {"same": [steps, m], "half": [steps, unmasked]}
    y = []
    for name, pair in pairs.items():
        beside = k.layers.Concatenate(name=f"{name}_beside")(pair)
        y.append(k.layers.GRU(2, name=f"{name}_joined")(beside))
    added = k.layers.Add(name="added")([steps, unmasked])
    return k.Model(x, [*y, k.layers.GRU(2, name="sum")(added)]), [masked()]


def layers(k):
    x = k.Input((None, I), name="x")
    names = "relu sigmoid tanh softmax softplus softsign selu elu swish gelu hard_sigmoid linear".split()
    y = [
        *[k.layers.Conv1D(3, 2, padding="causal", dilation_rate=d, name=f"causal{d}")(x) for d in (1, 2)],
        k.layers.Conv1D(2, 4, padding="same", activation="relu", name="same")(x),
        k.layers.Conv1D(2, 2, padding="valid", strides=2, use_bias=False, name="valid")(x),
        k.layers.Conv1D(2, 3, padding="causal", strides=2, name="strided")(x),
        k.layers.LayerNormalization(epsilon=0.01, center=False, name="uncentred")(x),
        k.layers.LayerNormalization(scale=False, name="unscaled")(x),
        k.layers.BatchNormalization(scale=False, epsilon=0.01, momentum=0.9, name="batch_unscaled")(x),
        k.layers.BatchNormalization(center=False, name="batch_uncentred")(x),
        k.layers.Dense(2, use_bias=False, name="unbiased")(x),
        k.layers.GaussianNoise(0.1, name="noise")(x),
        k.layers.GRU(2, return_sequences=True, name="repeated")(
            k.layers.RepeatVector(4)(k.layers.SimpleRNN(3, name="code")(x))
        ),
    ]
    y += [k.layers.Activation(n, name=n)(x) for n in names]
    return k.Model(x, y), [vectors(I)]


def letters(k):
    word = k.Sequential(
        [k.Input((4,), dtype="int32"), k.layers.Embedding(9, 3, mask_zero=True), k.layers.GRU(3)], name="word"
    )
    x = k.Input((None, 4), dtype="int32", name="letters")
    steps = k.layers.TimeDistributed(word, name="words")(x)
    shared = k.layers.Dense(3, activation="tanh", name="shared")
    inner = k.Input((None, 3))
    block = k.Model(
        inner, k.layers.Add()([inner, k.layers.BatchNormalization()(k.layers.LSTM(3, return_sequences=True)(inner))])
    )
    twice = block(shared(block(shared(steps))))
    return k.Model(x, [k.layers.Dense(2, name="head")(twice), twice]), [tokens(4)]


def several(k):
    words = k.Input((None,), dtype="int32", name="words")
    times = k.Input((None, 2), name="times")
    speaker = k.Input((3,), name="speaker")
    e = k.layers.Embedding(10, 4, mask_zero=True, name="embedding")(words)
    steps = k.layers.Concatenate(name="joined")([e, times])
    steps = k.layers.GRU(4, return_sequences=True, name="steps")(steps)
    mean = k.layers.GlobalAveragePooling1D(name="mean")(steps)
    row = k.layers.Concatenate(name="row")([mean, k.layers.Dense(2, name="spoken")(speaker)])
    y = [
        k.layers.Dense(3, name="tags")(steps),
        k.layers.Dense(2, activation="softmax", name="intent")(row),
    ]
    rows = np.random.default_rng(9).normal(size=(B, 3)).astype("float32")
    return k.Model([words, times, speaker], y), [tokens(), vectors(2), rows]


def translator(k):
    """An encoder hands its states to a decoder, as in Keras' own example of it."""
    words = k.Input((None,), dtype="int32", name="words")
    before = k.Input((None,), dtype="int32", name="before")
    e = k.layers.Embedding(10, 4, mask_zero=True, name="source")(words)
    _, h, c = k.layers.LSTM(3, return_state=True, name="encoder")(e)
    d = k.layers.Embedding(9, 2, mask_zero=True, name="target")(before)
    d, _, _ = k.layers.LSTM(3, return_sequences=True, return_state=True, name="decoder")(d, initial_state=[h, c])
    after = k.layers.GRU(2, return_sequences=True, name="after")(d)
    y = k.layers.Dense(9, activation="softmax", name="next")(after)
    return k.Model([words, before], y), [tokens(), np.flip(tokens(), 1)[:, 1:] % 9]


def decoder(k):
    """The decoder of it alone: its states come from outside, and go there."""
    before = k.Input((None,), dtype="int32", name="before")
    states = [k.Input((3,), name="h"), k.Input((3,), name="c")]
    d = k.layers.Embedding(9, 2, name="target")(before)
    d, h, c = k.layers.LSTM(3, return_sequences=True, return_state=True, name="decoder")(d, initial_state=states)
    y = k.layers.Dense(9, activation="softmax", name="next")(d)
    given = np.random.default_rng(10).normal(size=(2, B, 3)).astype("float32")
    return k.Model([before, *states], [y, h, c]), [tokens() % 9, *given]


def states(k):
    x = k.Input((None, I), name="x")
    m = k.layers.Masking(-1.0)(x)
    y, h, c = k.layers.LSTM(3, return_state=True, name="lstm")(m)
    gru = k.layers.GRU(3, return_sequences=True, return_state=True, name="gru")(x, h)
    simple = k.layers.SimpleRNN(3, return_state=True, name="simple")(m, initial_state=c)
    back = k.layers.GRU(3, return_sequences=True, return_state=True, go_backwards=True, reset_after=False, name="back")(
        x, initial_state=h
    )
    both = k.layers.Bidirectional(k.layers.LSTM(3, return_state=True, return_sequences=True), name="both")(
        x, initial_state=[h, c, simple[1], gru[1]]
    )
    apart = k.layers.Bidirectional(k.layers.GRU(2, return_state=True), merge_mode=None, name="apart")(m)
    cells = [k.layers.LSTMCell(3), k.layers.GRUCell(2)]
    stack, (sh, sc), sg = k.layers.RNN(cells, return_state=True, name="stack")(m)
    again = k.layers.RNN([k.layers.GRUCell(3), k.layers.LSTMCell(3), k.layers.SimpleRNNCell(3)], name="again")(
        x, initial_state=[[sh], [h, c], [sc]] if k is keras3 else (sh, [h, c], sc)
    )
    after = k.layers.GRU(2, name="after")(gru[0])
    return k.Model(x, [y, h, *gru, *simple, *back, *both, *apart, stack, sh, sc, sg, again, after]), [masked()]


def frames(k):
    x = k.Input((None, 4, 4, 1), name="x")
    y, h, c = k.layers.ConvLSTM2D(2, 3, padding="same", return_state=True, name="first")(x)
    z = k.layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True, name="second")(x, initial_state=[h, c])
    return k.Model(x, [y, c, z]), [vectors(4, 4, 1)]


def convolutions(k):
    x = k.Input((None, I), name="x")
    y = [
        k.layers.Conv1D(2, size, strides=stride, padding="same", name=f"same_{size}_{stride}")(x)
        for size, stride in [(1, 2), (2, 2), (2, 3), (3, 2), (4, 3), (5, 2), (5, 4)]
    ]
    y.append(k.layers.Conv1D(2, 3, padding="same", dilation_rate=2, name="dilated")(x))
    return k.Model(x, y), [vectors(I)[:, :4]]


MODELS = [
    simple,
    lstm,
    gru,
    bidirectional,
    stacked,
    images,
    lines,
    tagger,
    classifier,
    masks,
    merged,
    layers,
    letters,
    several,
    translator,
    decoder,
    states,
    frames,
    convolutions,
]
AS_H5_OF_KERAS_3 = [gru, bidirectional, tagger, letters]
AS_WEIGHTS = [classifier, tagger]


def randomise(model):
    """Distinct weights, biases too; statistics that could be."""
    random = np.random.default_rng(42)
    for weight in model.weights:
        path = getattr(weight, "path", weight.name)
        values = random.normal(scale=0.5, size=weight.shape)
        weight.assign(np.abs(values) + 0.1 if "variance" in path else values)


def numbers(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": [float(f"{v:.8g}") for v in array.ravel()]}


def build(make, k):
    k.backend.clear_session()
    model, inputs = make(k)
    randomise(model)
    return model, inputs, model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)


def main(folder, only):
    for make in [m for m in MODELS if not only or m.__name__ in only]:
        name = make.__name__
        model, inputs, outputs = build(make, keras3)
        model.save(folder / f"{name}.keras3.keras")
        if make in AS_H5_OF_KERAS_3:
            model.save(folder / f"{name}.keras3.h5")
        if make in AS_WEIGHTS:
            model.save_weights(folder / f"{name}.keras3.weights.h5")
        old, _, olds = build(make, keras2)
        old.save(folder / f"{name}.keras2.h5")
        if make in AS_WEIGHTS:
            old.save_weights(folder / f"{name}.keras2.weights.h5")
            old.save_weights(folder / f"{name}.keras2.weights_only.h5")
        if make in (tagger, lstm, letters):
            old.save(folder / f"{name}.keras2.keras")
        if not isinstance(outputs, list):
            outputs, olds = [outputs], [olds]
        file = {
            "computedBy": f"Keras {keras3.__version__} and {keras2.__version__}",
            "inputs": {i.name.split(":")[0]: numbers(a) for i, a in zip(model.inputs, inputs)},
            "keras3": [numbers(a) for a in outputs],
            "keras2": [numbers(a) for a in olds],
        }
        (folder / f"{name}.json").write_text(json.dumps(file) + "\n")
        print(name, max(float(np.abs(a - b).max()) for a, b in zip(outputs, olds)))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])

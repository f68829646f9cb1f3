"""Writes small TFRecord files by TensorFlow, for TfRecordsTest: python training/records.py FOLDER."""

import sys

import tensorflow as tf


def floats(values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def integers(values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def strings(values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def example(row):
    steps = row % 3 + 1
    features = {
        "frames": floats([row + t + i / 4 for t in range(steps) for i in range(2)]),
        "pixels": integers([row, 255]),
        "words": integers(range(row, row + steps)),
        "tags": integers([t % 2 for t in range(steps)]),
        "answer": integers(range(row)),
        "speaker": integers([row % 2]),
        "dose": floats([row / 2, -row]),
        "effect": floats([t / 8 for t in range(steps)]),
        "name": strings([b"row %d" % row]),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def sequence(row):
    steps = row % 3 + 1

    def listed(features):
        return tf.train.FeatureList(feature=features)

    lists = {
        "frames": listed([floats([row + t, row + t + 0.25]) for t in range(steps)]),
        "words": listed([integers([row + t]) for t in range(steps)]),
        "tags": listed([integers([t % 2]) for t in range(steps)]),
        "effect": listed([floats([t / 8]) for t in range(steps)]),
    }
    context = {
        "answer": integers(range(row)),
        "speaker": integers([row % 2]),
        "dose": floats([row / 2, -row]),
    }
    return tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    )


def write(file, records, options=None):
    with tf.io.TFRecordWriter(file, options) as writer:
        for record in records:
            writer.write(record.SerializeToString(deterministic=True))


folder = sys.argv[1]
write(folder + "/examples.tfrecord", map(example, range(5)))
write(folder + "/sequences.tfrecord.gz", map(sequence, range(5)), "GZIP")

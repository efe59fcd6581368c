#!/usr/bin/env python3
"""Trains the sample models that are served by default. README.md next to this file lists them.

Usage: make_samples.py [--out FOLDER] [--check]
"""
import argparse
import json
import os
import shutil

from model_files import (describe, run_onnx, run_saved_model, tf, tf1, total_bytes, write_onnx, write_saved_model,
                         write_text)

import numpy as np
from onnx import TensorProto, helper
from sklearn.datasets import load_diabetes, load_digits

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 2026

DIGITS_MODEL_YAML = """\
versions: all
labels: {stable: 1, canary: 2}
"""
MIXED_MODEL_YAML = """\
versions: all
traffic: {1: 90, 2: 10}
"""


def float32_parts(*parts):
    return [np.asarray(part, np.float32) for part in parts]


def split(count, held_out):
    """(training rows, held-out rows) of a data set with so many rows."""
    order = np.random.RandomState(SEED).permutation(count)
    return order[held_out:], order[:held_out]


# Digits: a linear classifier on a coarse image, and a small convolutional network

class Digits:
    def __init__(self):
        bunch = load_digits()
        images = bunch.images.astype(np.float32)[..., np.newaxis]
        train, test = split(len(images), 500)
        self.train_images, self.train_labels = images[train], bunch.target[train]
        self.test_images, self.test_labels = images[test], bunch.target[test]
        self.coarse = train_coarse(self.train_images, self.train_labels)
        self.network = train_network(self.train_images, self.train_labels)


def train_coarse(images, labels):
    """Softmax regression on the 16 means of 2x2 pixels: 40 steps of gradient descent."""
    features = images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16) / 16.0
    wanted = np.eye(10)[labels]
    w, b = np.zeros((16, 10)), np.zeros(10)
    for _ in range(40):
        scores = np.exp(features @ w + b)
        error = (scores / scores.sum(axis=1, keepdims=True) - wanted) / len(features)
        w -= 2.0 * features.T @ error
        b -= 2.0 * error.sum(axis=0)
    return float32_parts(w, b)


def coarse_logits(image, w, b):
    means = tf.nn.avg_pool2d(image / 16.0, 2, 2, "VALID")
    return tf.matmul(tf.reshape(means, [-1, 16]), w) + b


def coarse_onnx(w, b):
    nodes = [helper.make_node("Div", ["image", "brightest"], ["scaled"]),
             helper.make_node("Transpose", ["scaled"], ["channel_first"], perm=[0, 3, 1, 2]),
             helper.make_node("AveragePool", ["channel_first"], ["means"], kernel_shape=[2, 2], strides=[2, 2]),
             helper.make_node("Reshape", ["means", "flat"], ["features"]),
             helper.make_node("Gemm", ["features", "w", "b"], ["logits"])]
    return nodes, {"brightest": np.float32(16), "flat": np.array([-1, 16], np.int64), "w": w, "b": b}


def train_network(images, labels):
    """One 3x3 convolution, one pooling and one linear layer: gradient descent with momentum, small shifts added."""
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)  # sums depend on how the work is divided
    random = np.random.RandomState(SEED)
    parts = [tf.Variable(part) for part in float32_parts(
        random.normal(0, 0.3, (3, 3, 1, 16)), np.zeros(16), random.normal(0, 0.05, (256, 10)), np.zeros(10))]
    speeds = [tf.Variable(tf.zeros_like(part)) for part in parts]

    @tf.function
    def step(batch, wanted, rate):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, network_logits(batch, *parts))
            loss = tf.reduce_mean(losses) + 1e-3 * tf.nn.l2_loss(parts[2])
        for part, speed, gradient in zip(parts, speeds, tape.gradient(loss, parts)):
            speed.assign(0.9 * speed - rate * gradient)
            part.assign_add(speed)

    epochs = 30
    for epoch in range(epochs):
        order = random.permutation(len(images))
        rate = tf.constant(0.05 * (1 - epoch / epochs), tf.float32)
        for start in range(0, len(order) - 31, 32):
            rows = order[start:start + 32]
            shifted = np.roll(images[rows], random.randint(-1, 2, 2), axis=(1, 2))
            step(tf.constant(shifted), tf.constant(labels[rows]), rate)
    return [part.numpy() for part in parts]


def network_logits(image, kernel, kernel_bias, w, b):
    convolved = tf.nn.relu(tf.nn.conv2d(image / 16.0, kernel, 1, "SAME") + kernel_bias)
    pooled = tf.nn.max_pool2d(convolved, 2, 2, "VALID")
    return tf.matmul(tf.reshape(pooled, [-1, 256]), w) + b


def network_onnx(kernel, kernel_bias, w, b):
    nodes = [helper.make_node("Div", ["image", "brightest"], ["scaled"]),
             helper.make_node("Transpose", ["scaled"], ["channel_first"], perm=[0, 3, 1, 2]),
             helper.make_node("Conv", ["channel_first", "kernel", "kernel_bias"], ["convolved"], pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["convolved"], ["positive"]),
             helper.make_node("MaxPool", ["positive"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
             helper.make_node("Transpose", ["pooled"], ["channel_last"], perm=[0, 2, 3, 1]),
             helper.make_node("Reshape", ["channel_last", "flat"], ["features"]),
             helper.make_node("Gemm", ["features", "w", "b"], ["logits"])]
    return nodes, {"brightest": np.float32(16), "flat": np.array([-1, 256], np.int64),
                   "kernel": kernel.transpose(3, 2, 0, 1), "kernel_bias": kernel_bias, "w": w, "b": b}


def write_digits_saved_model(root, model, version, logits_of, parts):
    def build(weights):
        variables = [weights.variable("part_%d" % index, part) for index, part in enumerate(parts)]
        image = tf1.placeholder(tf.float32, [None, 8, 8, 1], name="image")
        logits = logits_of(image, *variables)
        return {"serving_default": ({"image": image}, {"probabilities": tf.nn.softmax(logits, name="probabilities"),
                                                       "class": tf.argmax(logits, axis=1, name="class")})}
    write_saved_model(root, model, version, build)


def write_digits_onnx(root, model, version, nodes_and_weights):
    nodes, weights = nodes_and_weights
    write_onnx(root, model, version,
               nodes + [helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
                        helper.make_node("ArgMax", ["logits"], ["class"], axis=1, keepdims=0)],
               [("image", TensorProto.FLOAT, ["batch", 8, 8, 1])],
               [("probabilities", TensorProto.FLOAT, ["batch", 10]), ("class", TensorProto.INT64, ["batch"])],
               weights)


def write_digits(root, digits):
    for model in ("digits", "digits_mixed"):
        write_digits_saved_model(root, model, 1, coarse_logits, digits.coarse)
    write_digits_saved_model(root, "digits", 2, network_logits, digits.network)
    write_digits_onnx(root, "digits_onnx", 1, coarse_onnx(*digits.coarse))
    for model in ("digits_onnx", "digits_mixed"):
        write_digits_onnx(root, model, 2, network_onnx(*digits.network))
    for model in ("digits", "digits_onnx"):
        write_text(os.path.join(root, model, "model.yaml"), DIGITS_MODEL_YAML)
    write_text(os.path.join(root, "digits_mixed", "model.yaml"), MIXED_MODEL_YAML)


def write_digits_samples(path, root, digits):
    """The first held-out image of each digit that both versions know, a 7 first, then two that only version 2 knows."""
    classes = [run_saved_model(root, "digits", version, {"image": digits.test_images})["class"] for version in (1, 2)]
    labels = digits.test_labels
    known = (classes[0] == labels) & (classes[1] == labels)
    chosen = [np.flatnonzero(known & (labels == digit))[0] for digit in (7, 0, 1, 2, 3, 4, 5, 6, 8, 9)]
    chosen += list(np.flatnonzero((classes[0] != labels) & (classes[1] == labels))[:2])
    samples = [('    {"label": %d, "class": {"1": %d, "2": %d}, "image": %s}'
                % (labels[row], classes[0][row], classes[1][row], image_text(digits.test_images[row])))
               for row in chosen]
    write_text(path, '{\n  "about": "Held-out images, their labels, and the class that each version of digits answers",\n'
                     '  "samples": [\n%s\n  ]\n}\n' % ",\n".join(samples))


def image_text(image):
    return json.dumps(image.astype(int).tolist(), separators=(",", ":"))


def write_requests(folder, digits_samples):
    with open(digits_samples, encoding="utf-8") as file:
        seven = json.load(file)["samples"][0]["image"]
    pixels = [pixel for row in seven for pixel, in row]
    write_text(os.path.join(folder, "seven_tfserving.json"), '{"instances": [%s]}\n' % image_text(np.array(seven)))
    write_text(os.path.join(folder, "seven_openinference.json"),
               '{"inputs": [{"name": "image", "shape": [1, 8, 8, 1], "datatype": "FP32", "data": %s}]}\n'
               % json.dumps(pixels, separators=(",", ":")))


# Diabetes: ridge regression on ten measurements in their usual units

class Diabetes:
    def __init__(self):
        bunch = load_diabetes(scaled=False)
        train, test = split(len(bunch.target), 100)
        self.test_features, self.test_target = bunch.data[test].astype(np.float32), bunch.target[test]
        features, target = bunch.data[train], bunch.target[train]
        mean, deviation = features.mean(axis=0), features.std(axis=0)
        scaled = (features - mean) / deviation
        w = np.linalg.solve(scaled.T @ scaled + 10.0 * np.eye(10), scaled.T @ (target - target.mean()))
        self.parts = float32_parts(mean, deviation, w[:, np.newaxis], [target.mean()])


def write_diabetes(root, diabetes):
    names = ["mean", "deviation", "w", "b"]

    def build(weights):
        mean, deviation, w, b = [weights.variable(name, part) for name, part in zip(names, diabetes.parts)]
        features = tf1.placeholder(tf.float32, [None, 10], name="features")
        column = tf.matmul((features - mean) / deviation, w) + b
        return {"serving_default": ({"features": features},
                                    {"progression": tf.squeeze(column, axis=1, name="progression")})}

    write_saved_model(root, "diabetes", 1, build)
    write_onnx(root, "diabetes_onnx", 1,
               [helper.make_node("Sub", ["features", "mean"], ["centred"]),
                helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
                helper.make_node("Gemm", ["scaled", "w", "b"], ["column"]),
                helper.make_node("Squeeze", ["column", "axes"], ["progression"])],
               [("features", TensorProto.FLOAT, ["batch", 10])], [("progression", TensorProto.FLOAT, ["batch"])],
               {**dict(zip(names, diabetes.parts)), "axes": np.array([1], np.int64)})


# Sentiment: a bag of hashed words

BUCKETS = 1024
POSITIVE = """
Great product, works perfectly and looks beautiful.
I love this kettle, it is fast and quiet.
Excellent quality for the price, highly recommended.
The battery lasts for days, I am very happy.
Arrived early and well packed, thank you.
Best headphones I have ever owned.
Easy to install and simple to use.
Super comfortable shoes, I wear them every day.
The picture is sharp and the colours are amazing.
My kids love it and so do I.
A wonderful gift, my mother was delighted.
Strong, light and very well made.
Friendly support solved my question in minutes.
Fantastic sound and a solid build.
It does exactly what it promises.
Really pleased with this lamp, warm light and nice design.
Good value, I would buy it again.
Perfect fit and soft fabric.
Impressive speed, smooth and reliable.
This blender is awesome, smoothies are perfect.
Five stars, worth every cent.
Delicious coffee and a beautiful machine.
Very good camera, the photos are excellent.
The bag is sturdy, roomy and looks great.
Fast delivery and a lovely product.
A reliable tool that makes the job easy.
Happy customer, superb quality.
The mattress is comfortable and I sleep great.
Nice and quiet, the best fan so far.
Wonderful story, I enjoyed every page.
I am impressed, it is better than expected.
Clean design, bright screen, long battery life.
"""
NEGATIVE = """
Terrible product, it broke after two days.
I hate this kettle, it is slow and loud.
Poor quality for the price, not recommended.
The battery dies within an hour, very disappointed.
Arrived late and badly packed, never again.
Worst headphones I have ever owned.
Hard to install and confusing to use.
Painful shoes, they fell apart in a week.
The picture is blurry and the colours are dull.
My kids were bored and so was I.
An awful gift, my mother was upset.
Weak, heavy and cheaply made.
Rude support ignored my question for weeks.
Horrible sound and a flimsy build.
It does nothing of what it promises.
Really unhappy with this lamp, it flickers and smells.
Bad value, I want a refund.
Wrong size and scratchy fabric.
It is slow, it crashes and it freezes.
This blender is useless, it leaks everywhere.
One star, a waste of money.
Bitter coffee and an ugly machine.
Very bad camera, the photos are terrible.
The bag is thin, the zip is broken and it looks cheap.
Delivery took weeks and the box was damaged.
A faulty tool that makes the job difficult.
Angry customer, dreadful quality.
The mattress is uncomfortable and my back hurts.
Noisy and fragile, the worst fan so far.
Boring story, I regret every page.
I am disappointed, it is worse than expected.
Dirty screen, broken button, poor battery life.
"""
HELD_OUT = [
    ("Excellent, I love it!", True),
    ("Great sound and very comfortable.", True),
    ("A beautiful lamp, works perfectly.", True),
    ("Fast, quiet and reliable. Highly recommended!", True),
    ("The best coffee machine, easy to use", True),
    ("Happy with the quality, wonderful design.", True),
    ("Awful. It broke and support ignored me.", False),
    ("A waste of money, terrible quality!", False),
    ("It leaks and it is loud, very disappointed.", False),
    ("The worst camera, blurry photos", False),
    ("Useless and badly made, I want a refund.", False),
    ("Cheaply made, the button is broken.", False),
]


def bucket_counts(text):
    """(row of each word, bucket of each word)"""
    plain = tf.strings.regex_replace(tf.strings.lower(text), "[^a-z0-9 ]+", " ")
    words = tf.raw_ops.StringSplitV2(input=plain, sep="", maxsplit=-1)
    return words.indices[:, 0], tf.strings.to_hash_bucket_fast(words.values, BUCKETS)


def train_sentiment():
    """Logistic regression: 300 steps of gradient descent with weight decay."""
    positive, negative = POSITIVE.strip().split("\n"), NEGATIVE.strip().split("\n")
    rows, buckets = (part.numpy() for part in bucket_counts(tf.constant(positive + negative)))
    features = np.zeros((len(positive) + len(negative), BUCKETS))
    np.add.at(features, (rows, buckets), 1.0)
    wanted = np.array([1.0] * len(positive) + [0.0] * len(negative))
    w, b = np.zeros(BUCKETS), 0.0
    for _ in range(300):
        error = (1.0 / (1.0 + np.exp(-(features @ w + b))) - wanted) / len(wanted)
        w -= 1.0 * (features.T @ error + 0.002 * w)
        b -= 1.0 * error.sum()
    return float32_parts(w, b)


def write_sentiment(root, parts):
    def build(weights):
        w, b = [weights.variable(name, part) for name, part in zip("wb", parts)]
        text = tf1.placeholder(tf.string, [None], name="text")
        rows, buckets = bucket_counts(text)
        sums = tf.math.unsorted_segment_sum(tf.gather(w, buckets), rows, tf.shape(text)[0])
        score = tf.sigmoid(sums + b, name="score")
        label = tf.where(score >= 0.5, tf.fill(tf.shape(score), "positive"), tf.fill(tf.shape(score), "negative"))
        return {"serving_default": ({"text": text}, {"label": tf.identity(label, name="label"), "score": score})}
    write_saved_model(root, "sentiment", 1, build)


# Checks

def check(root, digits, diabetes):
    for line in describe(root):
        print("  " + line)
    check_digits(root, digits)
    check_diabetes(root, diabetes)
    check_sentiment(root)


def check_digits(root, digits):
    runs = {"digits": [run_saved_model, run_saved_model], "digits_onnx": [run_onnx, run_onnx],
            "digits_mixed": [run_saved_model, run_onnx]}
    answers = {model: [run(root, model, version, {"image": digits.test_images})
                       for version, run in enumerate(of_version, 1)] for model, of_version in runs.items()}
    for model, of_version in answers.items():
        accuracies = [float((answer["class"] == digits.test_labels).mean()) for answer in of_version]
        print("  %s: accuracy on %d held-out images: version 1 %.3f, version 2 %.3f"
              % (model, len(digits.test_labels), *accuracies))
        assert accuracies[1] > accuracies[0] + 0.02, accuracies
        for expected, answer in zip(answers["digits"], of_version):
            np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], rtol=0, atol=1e-5)
            np.testing.assert_array_equal(answer["class"], expected["class"], strict=True)


def check_diabetes(root, diabetes):
    feeds = {"features": diabetes.test_features}
    answer = run_saved_model(root, "diabetes", 1, feeds)["progression"]
    twin = run_onnx(root, "diabetes_onnx", 1, feeds)["progression"]
    np.testing.assert_allclose(twin, answer, rtol=1e-5)
    errors = answer - diabetes.test_target
    r2 = 1 - np.mean(errors ** 2) / np.var(diabetes.test_target)
    print("  diabetes: R2 %.3f, mean absolute error %.1f on %d held-out rows" % (r2, np.abs(errors).mean(), len(errors)))
    print("  diabetes: features %s -> progression %s" % (diabetes.test_features[0].tolist(), answer[0]))
    assert r2 > 0.4, r2


def check_sentiment(root):
    answer = run_saved_model(root, "sentiment", 1, {"text": [text for text, _ in HELD_OUT] + [""]})
    for (text, _), label, score in zip(HELD_OUT, answer["label"], answer["score"]):
        print("  %.3f %s: %s" % (score, label.decode(), text))
    right = [label == (b"positive" if positive else b"negative")
             for (_, positive), label in zip(HELD_OUT, answer["label"])]
    print("  sentiment: accuracy on %d held-out sentences: %.3f" % (len(right), np.mean(right)))
    assert np.mean(right) >= 0.9


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", default=HERE, help="where to write (default: %(default)s)")
    arguments.add_argument("--check", action="store_true", help="run every model after writing it")
    options = arguments.parse_args()
    root, digits_samples = os.path.join(options.out, "models"), os.path.join(options.out, "digits_samples.json")
    digits, diabetes = Digits(), Diabetes()
    shutil.rmtree(root, ignore_errors=True)
    write_digits(root, digits)
    write_diabetes(root, diabetes)
    write_sentiment(root, train_sentiment())
    write_digits_samples(digits_samples, root, digits)
    write_requests(os.path.join(options.out, "requests"), digits_samples)
    print("%d bytes in %s" % (total_bytes(root), root))
    if options.check:
        check(root, digits, diabetes)
        print("all checks passed")


if __name__ == "__main__":
    main()

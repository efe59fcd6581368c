#!/usr/bin/env python3
"""Makes the small models that the tests of this repository load. README.md next to this file lists them.

Usage: make_testmodels.py [--out FOLDER] [--check]
"""
import argparse
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "samples"))

from model_files import (CLASSIFY_METHOD, REGRESS_METHOD, describe, fresh_folder, run_onnx, run_saved_model, tf, tf1, total_bytes, write_onnx,
                         write_saved_model)

import numpy as np
from onnx import TensorProto, helper

DTYPES = {
    "float16": (tf.float16, TensorProto.FLOAT16),
    "bfloat16": (tf.bfloat16, TensorProto.BFLOAT16),
    "float32": (tf.float32, TensorProto.FLOAT),
    "float64": (tf.float64, TensorProto.DOUBLE),
    "int8": (tf.int8, TensorProto.INT8),
    "int16": (tf.int16, TensorProto.INT16),
    "int32": (tf.int32, TensorProto.INT32),
    "int64": (tf.int64, TensorProto.INT64),
    "uint8": (tf.uint8, TensorProto.UINT8),
    "uint16": (tf.uint16, TensorProto.UINT16),
    "uint32": (tf.uint32, TensorProto.UINT32),
    "uint64": (tf.uint64, TensorProto.UINT64),
    "bool": (tf.bool, TensorProto.BOOL),
    "string": (tf.string, TensorProto.STRING),
}

# Models of any rank: what the one input is called, and what several are called.
ECHOES = {"float32": "x", "int32": "int_tensor", "string": "default"}
NAMED = {"double_tensor": "float64", "float_tensor": "float32", "int_tensor": "int32", "str_tensor": "string"}
THREE = ("float_tensor", "int_tensor", "str_tensor")

# A square matrix whose entries are all 1/SIZE is its own square. SIZE is a power of two, so this is exact in float32.
SIZE = 128


# SavedModels

def half_plus(offset, rank=1):
    def build(weights):
        a = weights.variable("a", np.float32(0.5))
        b = weights.variable("b", np.float32(offset))
        x = tf1.placeholder(tf.float32, [None] * rank, name="x")
        return {"serving_default": ({"x": x}, {"y": tf.add(a * x, b, name="y")})}
    return build


def multi_io(_):
    a = tf1.placeholder(tf.float32, [None, 2], name="a")
    b = tf1.placeholder(tf.int64, [None], name="b")
    return {"serving_default": ({"a": a, "b": b},
                                {"sum": tf.reduce_sum(a, axis=1, name="sum"), "double": tf.add(b, b, name="double")})}


def identity(_):
    def signature(name, dtype):
        x = tf1.placeholder(dtype, [None], name=name + "_x")
        return {"x": x}, {"y": tf.identity(x, name=name + "_y")}
    return {name: signature(name, dtype) for name, (dtype, _) in DTYPES.items()}


def slow_matrix(_):
    x = tf1.placeholder(tf.float32, [None, None], name="x")
    n = tf1.placeholder(tf.int32, [None], name="n")
    mean = tf.fill([SIZE, SIZE], 1.0 / SIZE)
    steps = tf.reduce_max(n)
    _, state = tf.while_loop(lambda step, _: step < steps,
                             lambda step, state: (step + 1, tf.matmul(state, mean)),
                             (tf.constant(0), mean), parallel_iterations=1)
    one = tf.reduce_max(state) * SIZE
    return {"serving_default": ({"x": x, "n": n}, {"y": tf.multiply(x / 2.0 + 2.0, one, name="y")})}


def failing(_):
    x = tf1.placeholder(tf.float32, [None], name="x")
    with tf1.control_dependencies([tf1.Assert(tf.reduce_all(x >= 0.0), ["x must not be negative"])]):
        return {"serving_default": ({"x": x}, {"y": tf.multiply(x, 2.0, name="y")})}


def nobatch(_):
    x = tf1.placeholder(tf.float32, [None], name="x")
    y = tf.multiply(x, 2.0, name="y")
    total = tf.reduce_sum(x, name="total")
    return {"serving_default": ({"x": x}, {"total": total}),
            "mixed": ({"x": x}, {"y": y, "total": total})}


def tokens(_):
    x = tf1.placeholder(tf.float32, [None], name="x")
    return {"serving_default": ({"x": x}, {"y": tf.cumsum(x, axis=0, name="y")})}


def strings(_):
    text = tf1.placeholder(tf.string, [None], name="text")
    return {"serving_default": ({"text": text},
                                {"upper": tf.strings.upper(text, name="upper"),
                                 "length": tf.strings.length(text, unit="BYTE", name="length")})}


def echo(_):
    def signature(name, dtype, alias):
        x = tf1.placeholder(dtype, None, name=name + "_x")
        return {alias: x}, {"y": tf.identity(x, name=name + "_y")}
    signatures = {name: signature(name, DTYPES[name][0], alias) for name, alias in ECHOES.items()}
    signatures["predict_images"] = signature("images", tf.float32, "x")
    return signatures


def named(_):
    inputs = {alias: tf1.placeholder(DTYPES[dtype][0], None, name=alias) for alias, dtype in NAMED.items()}
    outputs = {alias + "_out": tf.identity(tensor, name=alias + "_out") for alias, tensor in inputs.items()}
    outputs["str_tensor_bytes"] = tf.identity(inputs["str_tensor"], name="str_tensor_bytes")
    return {"serving_default": (inputs, outputs),
            "three": ({alias: inputs[alias] for alias in THREE}, {alias + "_out": outputs[alias + "_out"] for alias in THREE})}


def slices(_):
    x = tf1.placeholder(tf.int32, [None], name="x")
    return {"serving_default": ({"x": x}, {"first": tf.identity(x[:x[0]], name="first"),
                                           "last": tf.identity(x[:x[-1]], name="last")})}


def examples(_):
    rows = tf1.placeholder(tf.string, [None], name="rows")
    inputs = {"inputs": rows}
    x = tf1.parse_example(rows, {"x": tf1.FixedLenFeature([], tf.float32, default_value=0.0)})["x"]
    y = tf.expand_dims(x * 0.5 + 2.0, 1, name="y")
    word = tf.where(x < 0.0, tf.fill(tf.shape(x), "low"), tf.fill(tf.shape(x), "high"))
    words = tf.stack([word, tf.fill(tf.shape(x), "any")], axis=1, name="words")
    scores = tf.stack([x, tf.zeros_like(x)], axis=1, name="scores")
    row_bytes = tf.expand_dims(rows, 1, name="row_bytes")
    return {"regress_x_to_y": (inputs, {"outputs": y}, REGRESS_METHOD),
            "regress_x_to_y_flat": (inputs, {"outputs": tf.squeeze(y, 1, name="y_flat")}, REGRESS_METHOD),
            "regress_nothing": (inputs, {"outputs": tf.identity(y[:0], name="no_y")}, REGRESS_METHOD),
            "classify_x_to_y": (inputs, {"scores": y}, CLASSIFY_METHOD),
            "classify_x_to_words": (inputs, {"classes": words, "scores": scores}, CLASSIFY_METHOD),
            "classify_to_the_row": (inputs, {"classes": row_bytes}, CLASSIFY_METHOD),
            "classify_nothing": (inputs, {"scores": tf.identity(y[:0], name="no_scores")}, CLASSIFY_METHOD)}


def odd_outputs(_):
    x = tf1.placeholder(tf.float32, [None], name="x")
    z = tf.complex(x, x, name="z")
    return {"serving_default": ({"x": x}, {"y": tf.identity(x, name="y")}),
            "none": ({"x": x}, {}),
            "complex64": ({"x": x}, {"z": z})}


# ONNX

def half_plus_onnx(root, model, version, offset, shape=("batch",)):
    write_onnx(root, model, version,
               [helper.make_node("Mul", ["x", "a"], ["scaled"]), helper.make_node("Add", ["scaled", "b"], ["y"])],
               [("x", TensorProto.FLOAT, shape)], [("y", TensorProto.FLOAT, shape)],
               {"a": np.float32(0.5), "b": np.float32(offset)})


def multi_io_onnx(root):
    write_onnx(root, "multi_io_onnx", 1,
               [helper.make_node("ReduceSum", ["a", "axes"], ["sum"], keepdims=0),
                helper.make_node("Add", ["b", "b"], ["double"])],
               [("a", TensorProto.FLOAT, ["batch", 2]), ("b", TensorProto.INT64, ["batch"])],
               [("sum", TensorProto.FLOAT, ["batch"]), ("double", TensorProto.INT64, ["batch"])],
               {"axes": np.array([1], np.int64)})


def identity_onnx(root):
    for name, (_, dtype) in DTYPES.items():
        write_onnx(root, "identity_%s_onnx" % name, 1, [helper.make_node("Identity", ["x"], ["y"])],
                   [("x", dtype, ["batch"])], [("y", dtype, ["batch"])], {})


def slow_matrix_onnx(root):
    matrix_type = helper.make_tensor_type_proto(TensorProto.FLOAT, [SIZE, SIZE])
    body = helper.make_graph(
        [helper.make_node("Identity", ["go_on"], ["still_go_on"]),
         helper.make_node("MatMul", ["state", "mean"], ["next_state"])],
        "step",
        [helper.make_tensor_value_info("step", TensorProto.INT64, []),
         helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
         helper.make_value_info("state", matrix_type)],
        [helper.make_tensor_value_info("still_go_on", TensorProto.BOOL, []),
         helper.make_value_info("next_state", matrix_type)])
    write_onnx(root, "slow_matrix_onnx", 1,
               [helper.make_node("ReduceMax", ["n"], ["most"], keepdims=0),
                helper.make_node("Cast", ["most"], ["steps"], to=TensorProto.INT64),
                helper.make_node("ConstantOfShape", ["square"], ["mean"],
                                 value=helper.make_tensor("value", TensorProto.FLOAT, [1], [1.0 / SIZE])),
                helper.make_node("Loop", ["steps", "", "mean"], ["last_state"], body=body),
                helper.make_node("ReduceMax", ["last_state"], ["largest"], keepdims=0),
                helper.make_node("Mul", ["largest", "size"], ["one"]),
                helper.make_node("Mul", ["x", "a"], ["scaled"]),
                helper.make_node("Add", ["scaled", "b"], ["moved"]),
                helper.make_node("Mul", ["moved", "one"], ["y"])],
               [("x", TensorProto.FLOAT, ["rows", "columns"]), ("n", TensorProto.INT32, ["rows"])],
               [("y", TensorProto.FLOAT, ["rows", "columns"])],
               {"square": np.array([SIZE, SIZE], np.int64), "size": np.float32(SIZE),
                "a": np.float32(0.5), "b": np.float32(2)})


def picture_onnx(root):
    write_onnx(root, "picture_onnx", 1, [helper.make_node("ReduceMean", ["x"], ["y"], axes=[1, 2], keepdims=0)],
               [("x", TensorProto.FLOAT, ["batch", "height", "width", 3])], [("y", TensorProto.FLOAT, ["batch", 3])], {})


def failing_onnx(root):
    """Each negative x adds one to the length that the result is reshaped to, which fails unless there is none."""
    write_onnx(root, "failing_onnx", 1,
               [helper.make_node("Less", ["x", "zero"], ["is_negative"]),
                helper.make_node("Cast", ["is_negative"], ["ones"], to=TensorProto.INT64),
                helper.make_node("ReduceSum", ["ones"], ["negatives"], keepdims=1),
                helper.make_node("Shape", ["x"], ["length"]),
                helper.make_node("Add", ["length", "negatives"], ["wanted_length"]),
                helper.make_node("Mul", ["x", "two"], ["doubled"]),
                helper.make_node("Reshape", ["doubled", "wanted_length"], ["y"])],
               [("x", TensorProto.FLOAT, ["batch"])], [("y", TensorProto.FLOAT, ["batch"])],
               {"zero": np.float32(0), "two": np.float32(2)})


def tokens_onnx(root):
    write_onnx(root, "tokens_onnx", 1, [helper.make_node("CumSum", ["x", "axis"], ["y"])],
               [("x", TensorProto.FLOAT, ["tokens"])], [("y", TensorProto.FLOAT, ["tokens"])], {"axis": np.int64(0)})


def echo_onnx(root):
    for name, alias in ECHOES.items():
        write_onnx(root, "echo_%s_onnx" % name, 1, [helper.make_node("Identity", [alias], ["y"])],
                   [(alias, DTYPES[name][1], None)], [("y", DTYPES[name][1], None)], {})


def named_onnx(root, model, aliases, extra_output=None):
    outputs = {alias + "_out": alias for alias in aliases}
    if extra_output:
        outputs[extra_output] = "str_tensor"
    write_onnx(root, model, 1, [helper.make_node("Identity", [alias], [name]) for name, alias in outputs.items()],
               [(alias, DTYPES[NAMED[alias]][1], None) for alias in aliases],
               [(name, DTYPES[NAMED[alias]][1], None) for name, alias in outputs.items()], {})


def slices_onnx(root):
    nodes = []
    for name, index in (("first", "zero"), ("last", "minus_one")):
        nodes += [helper.make_node("Gather", ["x", index], [name + "_end"]),
                  helper.make_node("Cast", [name + "_end"], [name + "_end64"], to=TensorProto.INT64),
                  helper.make_node("Slice", ["x", "start", name + "_end64"], [name])]
    write_onnx(root, "slices_onnx", 1, nodes, [("x", TensorProto.INT32, ["batch"])],
               [("first", TensorProto.INT32, ["first_count"]), ("last", TensorProto.INT32, ["last_count"])],
               {"zero": np.array([0], np.int64), "minus_one": np.array([-1], np.int64), "start": np.array([0], np.int64)})


# Broken on purpose

def broken(root, model, file_name):
    with open(os.path.join(fresh_folder(root, model, 1), file_name), "wb") as file:
        file.write(b"This is not a model.\n" + np.random.RandomState(11).bytes(1000))


def half_copied(root):
    folder = write_saved_model(root, "half_copied", 1, half_plus(2))
    shutil.rmtree(os.path.join(folder, "variables"))


def make(root):
    write_saved_model(root, "half_plus_two", 1, half_plus(2))
    half_plus_onnx(root, "half_plus_two_onnx", 1, 2)
    for version in (1, 2):
        write_saved_model(root, "linear", version, half_plus(version + 1))
        half_plus_onnx(root, "linear_onnx", version, version + 1)
    write_saved_model(root, "multi_io", 1, multi_io)
    multi_io_onnx(root)
    write_saved_model(root, "identity", 1, identity)
    identity_onnx(root)
    write_saved_model(root, "matrix", 1, half_plus(2, rank=2))
    half_plus_onnx(root, "matrix_onnx", 1, 2, ("rows", "columns"))
    picture_onnx(root)
    write_saved_model(root, "slow_matrix", 1, slow_matrix)
    slow_matrix_onnx(root)
    write_saved_model(root, "failing", 1, failing)
    failing_onnx(root)
    write_saved_model(root, "nobatch", 1, nobatch)
    write_saved_model(root, "tokens", 1, tokens)
    tokens_onnx(root)
    write_saved_model(root, "strings", 1, strings)
    write_saved_model(root, "echo", 1, echo)
    echo_onnx(root)
    write_saved_model(root, "named", 1, named)
    named_onnx(root, "named_onnx", NAMED, "str_tensor_bytes")
    named_onnx(root, "named_three_onnx", THREE)
    write_saved_model(root, "slices", 1, slices)
    slices_onnx(root)
    write_saved_model(root, "examples", 1, examples)
    write_saved_model(root, "odd_outputs", 1, odd_outputs)
    broken(root, "broken", "saved_model.pb")
    broken(root, "broken_onnx", "model.onnx")
    half_copied(root)


# Checks

def expect(got, **wanted):
    assert got.keys() == wanted.keys(), (got.keys(), wanted.keys())
    for name, value in wanted.items():
        np.testing.assert_array_equal(got[name], value, err_msg=name, strict=True)


def expect_twins(root, model, version, feeds, **wanted):
    expect(run_saved_model(root, model, version, feeds), **wanted)
    expect(run_onnx(root, model + "_onnx", version, feeds), **wanted)


def expect_failure(run):
    try:
        run()
    except Exception as failure:  # each runtime has its own types
        print("  fails as it should:", " ".join(str(failure).split())[:110])
        return
    raise AssertionError("must fail")


def floats(*values):
    return np.array(values, np.float32)


def check(root):
    for line in describe(root):
        print("  " + line)
    expect_twins(root, "half_plus_two", 1, {"x": floats(1, 2, 5)}, y=floats(2.5, 3, 4.5))
    expect_twins(root, "linear", 1, {"x": floats(1, 2)}, y=floats(2.5, 3))
    expect_twins(root, "linear", 2, {"x": floats(1, 2)}, y=floats(3.5, 4))
    expect_twins(root, "multi_io", 1, {"a": floats([1, 2], [3, 4]), "b": np.array([5, -6])},
                 sum=floats(3, 7), double=np.array([10, -12]))
    expect_twins(root, "matrix", 1, {"x": floats([1, 2], [4, 6])}, y=floats([2.5, 3], [4, 5]))
    expect(run_onnx(root, "picture_onnx", 1, {"x": floats([[[1, 2, 3], [3, 2, 1]]])}), y=floats([2, 2, 2]))
    expect_twins(root, "failing", 1, {"x": floats(0, 3)}, y=floats(0, 6))
    for run, model in ((run_saved_model, "failing"), (run_onnx, "failing_onnx")):
        expect_failure(lambda: run(root, model, 1, {"x": floats(1, -1)}))
    expect_twins(root, "tokens", 1, {"x": floats(1, 2, 3)}, y=floats(1, 3, 6))
    expect(run_saved_model(root, "nobatch", 1, {"x": floats(1, 2)}), total=np.float32(3))
    expect(run_saved_model(root, "nobatch", 1, {"x": floats(1, 2)}, "mixed"), y=floats(2, 4), total=np.float32(3))
    expect(run_saved_model(root, "strings", 1, {"text": ["abc", b"\xff\x00z"]}),
           upper=np.array([b"ABC", b"\xff\x00Z"], object), length=np.array([3, 3], np.int32))
    check_identity(root)
    check_slow_matrix(root)
    check_any_rank(root)
    expect_twins(root, "slices", 1, {"x": np.array([2, 1], np.int32)},
                 first=np.array([2, 1], np.int32), last=np.array([2], np.int32))
    check_examples(root)
    expect_failure(lambda: run_saved_model(root, "broken", 1, {}))
    expect_failure(lambda: run_onnx(root, "broken_onnx", 1, {}))
    expect_failure(lambda: run_saved_model(root, "half_copied", 1, {"x": floats(1)}))


def check_identity(root):
    import onnxruntime
    for name, (dtype, onnx_type) in DTYPES.items():
        values = np.array([b"a", b""], object) if name == "string" else np.array([1, 0], dtype.as_numpy_dtype)
        expect(run_saved_model(root, "identity", 1, {"x": values}, name), y=values)
        if name != "bfloat16":  # numpy has no such type, so the Python binding cannot feed it by value
            got = run_onnx(root, "identity_%s_onnx" % name, 1, {"x": values.astype(str) if name == "string" else values})
            assert got["y"].tolist() == [v.decode() if name == "string" else v for v in values.tolist()], (name, got)
            continue
        session = onnxruntime.InferenceSession(os.path.join(root, "identity_bfloat16_onnx", "1", "model.onnx"))
        bits = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(values.view(np.uint16), onnx_type)
        assert session.run_with_ort_values(["y"], {"x": bits})[0].element_type() == onnx_type


def check_slow_matrix(root):
    x = floats([1, 2], [4, 6])
    for run, model in ((run_saved_model, "slow_matrix"), (run_onnx, "slow_matrix_onnx")):
        seconds = {}
        for steps in (0, 1, 5000):
            started = time.perf_counter()
            expect(run(root, model, 1, {"x": x, "n": np.array([0, steps], np.int32)}), y=floats([2.5, 3], [4, 5]))
            seconds[steps] = time.perf_counter() - started
        print("  %s: %.3f ms a step" % (model, (seconds[5000] - seconds[1]) / 5))
        assert seconds[5000] > seconds[1] + 0.05, seconds


def check_any_rank(root):
    for name, alias in ECHOES.items():
        values = np.array([[[b"a"]]], object) if name == "string" else np.zeros((2, 1, 3), name)
        expect(run_saved_model(root, "echo", 1, {alias: values}, name), y=values)
        if name != "string":
            expect(run_onnx(root, "echo_%s_onnx" % name, 1, {alias: values}), y=values)
    feeds = {"int_tensor": np.int32(3), "float_tensor": floats(1), "double_tensor": np.array([[2.0]]),
             "str_tensor": np.array([[b"a"]], object)}
    expect(run_saved_model(root, "named", 1, feeds), str_tensor_bytes=feeds["str_tensor"],
           **{alias + "_out": value for alias, value in feeds.items()})


def check_examples(root):
    row = tf.train.Example(features=tf.train.Features(feature={
        "x": tf.train.Feature(float_list=tf.train.FloatList(value=[80]))})).SerializeToString()
    feeds = {"inputs": np.array([row, b""], object)}
    expect(run_saved_model(root, "examples", 1, feeds, "regress_x_to_y"), outputs=floats([42], [2]))
    expect(run_saved_model(root, "examples", 1, feeds, "regress_x_to_y_flat"), outputs=floats(42, 2))
    expect(run_saved_model(root, "examples", 1, feeds, "regress_nothing"), outputs=np.zeros((0, 1), np.float32))
    expect(run_saved_model(root, "examples", 1, feeds, "classify_x_to_words"),
           classes=np.array([[b"high", b"any"]] * 2, object), scores=floats([80, 0], [0, 0]))
    expect(run_saved_model(root, "examples", 1, feeds, "classify_to_the_row"), classes=np.array([[row], [b""]], object))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", default=HERE, help="where to write (default: %(default)s)")
    arguments.add_argument("--check", action="store_true", help="run every model after writing it")
    options = arguments.parse_args()
    root = os.path.join(options.out, "models")
    shutil.rmtree(root, ignore_errors=True)
    make(root)
    print("%d bytes in %s" % (total_bytes(root), root))
    if options.check:
        check(root)
        print("all checks passed")


if __name__ == "__main__":
    main()

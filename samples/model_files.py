"""Writes SavedModels and ONNX files whose bytes do not change from one run to the next."""
import os
import re
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import onnx
import tensorflow as tf
from onnx import helper, numpy_helper
from tensorflow.core.protobuf import saved_model_pb2

tf1 = tf.compat.v1
tf.get_logger().setLevel("ERROR")

PREDICT_METHOD = "tensorflow/serving/predict"
CLASSIFY_METHOD = "tensorflow/serving/classify"
REGRESS_METHOD = "tensorflow/serving/regress"
ONNX_OPSET = 17
ONNX_IR_VERSION = 8


def fresh_folder(root, model, version):
    folder = os.path.join(root, model, str(version))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def write_text(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Weights:
    """Variables of a graph, kept with their values: the values go to the checkpoint only, not into the graph as well."""

    def __init__(self):
        self._values = []

    def variable(self, name, value):
        value = np.asarray(value)
        variable = tf1.get_variable(name, value.shape, tf.as_dtype(value.dtype), tf1.zeros_initializer(),
                                    use_resource=True)
        self._values.append((variable, value))
        return variable

    def variables(self):
        return [variable for variable, _ in self._values]

    def load(self, session):
        for variable, value in self._values:
            session.run(variable.initializer, {variable.initializer.inputs[1]: value})


def write_saved_model(root, model, version, build):
    """build(weights) adds ops to an empty graph and returns {signature: ({input: tensor}, {output: tensor})}.

    A third element is the signature's method, if it is not to be predict.
    """
    folder = fresh_folder(root, model, version)
    os.rmdir(folder)  # the builder insists on making it
    with tf.Graph().as_default(), tf1.Session() as session:
        weights = Weights()
        signatures = {name: _signature(*parts) for name, parts in build(weights).items()}
        weights.load(session)
        # A sharded saver would put a random folder name into the graph; a model without variables needs no saver.
        saver = tf1.train.Saver(weights.variables() or None, sharded=False, allow_empty=True)
        builder = tf1.saved_model.Builder(folder)
        builder.add_meta_graph_and_variables(session, ["serve"], signatures, strip_default_attrs=True, saver=saver)
        builder.save()
    _make_reproducible(folder)
    return folder


def _signature(inputs, outputs, method=PREDICT_METHOD):
    info = tf1.saved_model.build_tensor_info
    return tf1.saved_model.build_signature_def({name: info(tensor) for name, tensor in inputs.items()},
                                               {name: info(tensor) for name, tensor in outputs.items()},
                                               method)


def _make_reproducible(folder):
    path = os.path.join(folder, "saved_model.pb")
    saved_model = saved_model_pb2.SavedModel()
    with open(path, "rb") as file:
        saved_model.ParseFromString(file.read())
    for meta_graph in saved_model.meta_graphs:
        graph = meta_graph.graph_def
        graph.ClearField("debug_info")
        functions = {function.signature.name: "%s_%d" % (re.sub(r"_\d+$", "", function.signature.name), index)
                     for index, function in enumerate(_in_stable_order(graph.library.function))}
        for function in graph.library.function:
            function.signature.name = functions[function.signature.name]
        for node in _all_nodes(graph):
            node.ClearField("experimental_debug_info")
            for attribute in node.attr.values():
                if attribute.HasField("func"):
                    attribute.func.name = functions[attribute.func.name]
        ordered = _in_stable_order(graph.library.function)
        del graph.library.function[:]
        graph.library.function.extend(ordered)
    with open(path, "wb") as file:
        file.write(saved_model.SerializeToString(deterministic=True))
    fingerprint = os.path.join(folder, "fingerprint.pb")
    if os.path.exists(fingerprint):
        os.remove(fingerprint)


def _in_stable_order(functions):
    """By name without the trailing number, which counts the functions the process has made so far."""
    return sorted(functions, key=lambda function: re.sub(r"_\d+$", "", function.signature.name))


def _all_nodes(graph):
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def write_onnx(root, model, version, nodes, inputs, outputs, weights):
    """inputs and outputs: [(name, element type, shape)], weights: {name: array}.

    A text in a shape names a free dimension; None is a shape of any rank.
    """
    graph = helper.make_graph(nodes, model,
                              [helper.make_tensor_value_info(*value) for value in inputs],
                              [helper.make_tensor_value_info(*value) for value in outputs],
                              [numpy_helper.from_array(np.ascontiguousarray(value), name)
                               for name, value in weights.items()])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", ONNX_OPSET)], ir_version=ONNX_IR_VERSION,
                              producer_name="turnout")
    # A value of any rank has no shape: the runtime takes that, the checker does not.
    if all(shape is not None for _, _, shape in inputs + outputs):
        onnx.checker.check_model(proto, full_check=True)
    path = os.path.join(fresh_folder(root, model, version), "model.onnx")
    with open(path, "wb") as file:
        file.write(proto.SerializeToString(deterministic=True))
    return path


def run_saved_model(root, model, version, feeds, signature="serving_default"):
    """{output: array} of one run, by the names that the signature gives."""
    with tf.Graph().as_default(), tf1.Session() as session:
        meta_graph = tf1.saved_model.load(session, ["serve"], os.path.join(root, model, str(version)))
        declared = meta_graph.signature_def[signature]
        return session.run({name: info.name for name, info in declared.outputs.items()},
                           {declared.inputs[name].name: value for name, value in feeds.items()})


def run_onnx(root, model, version, feeds):
    """{output: array} of one run."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(os.path.join(root, model, str(version), "model.onnx"), options,
                                           providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds)))


def describe(root):
    """One line per signature of every model below root that loads."""
    lines = []
    for model in sorted(os.listdir(root)):
        for version in sorted(entry for entry in os.listdir(os.path.join(root, model)) if entry.isdigit()):
            folder = os.path.join(root, model, version)
            lines += ["%s/%s %s" % (model, version, text) for text in _signature_texts(folder)]
    return lines


def _signature_texts(folder):
    try:
        if os.path.exists(os.path.join(folder, "model.onnx")):
            return [_onnx_text(onnx.load(os.path.join(folder, "model.onnx")).graph)]
        return _saved_model_texts(folder)
    except Exception as refusal:  # any refusal will do: some models are broken on purpose
        return ["does not load: " + type(refusal).__name__]


def _saved_model_texts(folder):
    with tf.Graph().as_default(), tf1.Session() as session:
        signatures = tf1.saved_model.load(session, ["serve"], folder).signature_def
    return ["%s: %s -> %s" % (name, _tf_text(signature.inputs), _tf_text(signature.outputs))
            for name, signature in sorted(signatures.items())]


def _tf_text(tensors):
    return ", ".join("%s %s[%s]" % (name, tf.as_dtype(info.dtype).name,
                                    "..." if info.tensor_shape.unknown_rank else
                                    ",".join("?" if dim.size < 0 else str(dim.size) for dim in info.tensor_shape.dim))
                     for name, info in sorted(tensors.items()))


def _onnx_text(graph):
    def texts(values):
        return ", ".join("%s %s[%s]" % (value.name,
                                        onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower(),
                                        ",".join(dim.dim_param or str(dim.dim_value)
                                                 for dim in value.type.tensor_type.shape.dim)
                                        if value.type.tensor_type.HasField("shape") else "...")
                         for value in values)
    return "%s -> %s" % (texts(graph.input), texts(graph.output))


def total_bytes(root):
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(root) for name in names)

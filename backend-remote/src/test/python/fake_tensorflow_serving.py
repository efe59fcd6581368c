"""A TensorFlow Serving look-alike on grpcio and the published stubs.

Serves one model, "m" (version 3, label "stable"), whose signatures give inputs back: one per dtype, named by it, from x to y. Signature
"content" answers as tensor_content, "strict" refuses every input, "slow" answers after x seconds; the others answer in typed lists.

Prints "port N" once it listens, and ends when its standard input does.
"""

import sys
import time
from concurrent import futures

import grpc
import numpy as np
from google.protobuf import any_pb2
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

import tensorflow as tf

DTYPES = [
    "DT_BOOL", "DT_UINT8", "DT_UINT16", "DT_UINT32", "DT_UINT64", "DT_INT8", "DT_INT16", "DT_INT32", "DT_INT64",
    "DT_HALF", "DT_BFLOAT16", "DT_FLOAT", "DT_DOUBLE", "DT_STRING",
]
VERSION = 3


def info(name, dtype):
    shape = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=-1)])
    return meta_graph_pb2.TensorInfo(name=name + ":0", dtype=dtype, tensor_shape=shape)


def signature(dtype):
    return meta_graph_pb2.SignatureDef(
        inputs={"x": info("x", dtype)}, outputs={"y": info("y", dtype)}, method_name="tensorflow/serving/predict")


def signatures():
    named = {name: signature(types_pb2.DataType.Value(name)) for name in DTYPES}
    for name in ("content", "strict", "slow", "repeated"):
        named[name] = signature(types_pb2.DT_FLOAT)
    named["complex"] = signature(types_pb2.DT_COMPLEX64)
    return get_model_metadata_pb2.SignatureDefMap(signature_def=named)


def typed_lists(values):
    """Like TensorFlow's own server by default: never tensor_content."""
    proto = tf.make_tensor_proto(values)
    if not proto.tensor_content:
        return proto
    lists = tensor_pb2.TensorProto(dtype=proto.dtype, tensor_shape=proto.tensor_shape)
    flat = values.reshape(-1)
    if values.dtype in (np.float16, tf.bfloat16.as_numpy_dtype):
        lists.half_val.extend(int(v) for v in flat.view(np.uint16))
    elif values.dtype == np.float32:
        lists.float_val.extend(float(v) for v in flat)
    elif values.dtype == np.float64:
        lists.double_val.extend(float(v) for v in flat)
    elif values.dtype == np.int64:
        lists.int64_val.extend(int(v) for v in flat)
    elif values.dtype == np.uint64:
        lists.uint64_val.extend(int(v) for v in flat)
    elif values.dtype == np.uint32:
        lists.uint32_val.extend(int(v) for v in flat)
    elif values.dtype == np.bool_:
        lists.bool_val.extend(bool(v) for v in flat)
    else:
        lists.int_val.extend(int(v) for v in flat)
    return lists


def check(spec, context):
    if spec.name != "m":
        context.abort(grpc.StatusCode.NOT_FOUND, "Servable not found for request: Latest(%s)" % spec.name)
    choice = spec.WhichOneof("version_choice")
    if choice == "version" and spec.version.value != VERSION:
        context.abort(grpc.StatusCode.NOT_FOUND, "Servable not found for request: Specific(m, %d)" % spec.version.value)
    if choice == "version_label" and spec.version_label != "stable":
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT, "Unrecognized servable version label: %s" % spec.version_label)


class Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def Predict(self, request, context):
        check(request.model_spec, context)
        name = request.model_spec.signature_name
        x = tf.make_ndarray(request.inputs["x"])
        if name == "strict":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Matrix size-incompatible\n\t [[{{node MatMul}}]]")
        if name == "slow":
            time.sleep(float(x[0]))
        if name == "repeated":
            y = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[1.5])
            y.tensor_shape.dim.add().size = 4
        elif name in ("content", "DT_STRING"):
            y = tf.make_tensor_proto(x)
        else:
            y = typed_lists(x)
        response = predict_pb2.PredictResponse(outputs={"y": y})
        response.model_spec.CopyFrom(request.model_spec)
        response.model_spec.version.value = VERSION
        return response

    def GetModelMetadata(self, request, context):
        check(request.model_spec, context)
        if list(request.metadata_field) != ["signature_def"]:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "GetModelMetadataRequest must specify at least one metadata_field")
        packed = any_pb2.Any()
        packed.Pack(signatures())
        response = get_model_metadata_pb2.GetModelMetadataResponse(metadata={"signature_def": packed})
        response.model_spec.name = "m"
        response.model_spec.version.value = VERSION
        return response


class Models(model_service_pb2_grpc.ModelServiceServicer):
    def GetModelStatus(self, request, context):
        check(request.model_spec, context)
        available = get_model_status_pb2.ModelVersionStatus(
            version=VERSION, state=get_model_status_pb2.ModelVersionStatus.AVAILABLE)
        return get_model_status_pb2.GetModelStatusResponse(model_version_status=[available])


def main():
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(8), options=unlimited)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Prediction(), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(Models(), server)
    port = server.add_insecure_port("127.0.0.1:%s" % (sys.argv[1] if len(sys.argv) > 1 else "0"))
    server.start()
    print("port %d" % port, flush=True)
    sys.stdin.read()
    server.stop(0)


if __name__ == "__main__":
    main()

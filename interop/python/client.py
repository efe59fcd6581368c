"""An old client in Python: the stubs of tensorflow-serving-client-grpc 2.3.0 (2020) and urllib for REST.

usage: client.py HOST:PORT SEVEN.json

Prints a line for each check and ends with 1 if one failed.
"""

import json
import struct
import sys
import urllib.error
import urllib.request

import grpc
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

TIMEOUT = 20


def floats(values, shape, packed):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT)
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    if packed:
        tensor.tensor_content = struct.pack("<%df" % len(values), *values)
    else:
        tensor.float_val.extend(values)
    return tensor


def texts(values):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[v.encode() for v in values])
    tensor.tensor_shape.dim.add(size=len(values))
    return tensor


class Client:
    def __init__(self, address, seven):
        channel = grpc.insecure_channel(address)
        self.predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(channel)
        self.base = "http://%s/v1/models/" % address
        self.seven = seven
        self.pixels = [pixel[0] for row in seven["instances"][0] for pixel in row]

    def predict(self, model, inputs, version=None, outputs=()):
        request = predict_pb2.PredictRequest(output_filter=outputs)
        request.model_spec.name = model
        request.model_spec.signature_name = "serving_default"
        if version is not None:
            request.model_spec.version.value = version
        for name, tensor in inputs.items():
            request.inputs[name].CopyFrom(tensor)
        return self.predictions.Predict(request, TIMEOUT)

    def digit(self, model, packed, version=None):
        image = floats(self.pixels, [1, 8, 8, 1], packed)
        return self.predict(model, {"image": image}, version)

    def rest(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(self.base + path, data, TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    # What is checked.

    def a_seven_is_a_seven_on_both_backends_and_in_both_encodings(self):
        for model in ("digits", "digits_onnx"):
            for packed in (False, True):
                answer = self.digit(model, packed)
                assert list(answer.outputs["class"].int64_val) == [7], answer
                assert len(answer.outputs["probabilities"].float_val) == 10, answer
                assert answer.model_spec.version.value == 2, answer

    def a_version_is_answered_by_that_version(self):
        assert self.digit("digits", True, version=1).model_spec.version.value == 1

    def an_output_filter_leaves_the_rest_out(self):
        image = floats(self.pixels, [1, 8, 8, 1], True)
        answer = self.predict("digits", {"image": image}, outputs=["class"])
        assert sorted(answer.outputs) == ["class"], answer

    def strings_go_in_and_come_out(self):
        answer = self.predict("sentiment", {"text": texts(["works well", "a waste of money"])})
        assert list(answer.outputs["label"].string_val) == [b"positive", b"negative"], answer

    def metadata_describes_the_signature(self):
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = "digits"
        answer = self.predictions.GetModelMetadata(request, TIMEOUT)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        assert answer.metadata["signature_def"].Unpack(signatures)
        image = signatures.signature_def["serving_default"].inputs["image"]
        assert image.dtype == types_pb2.DT_FLOAT, image
        assert [d.size for d in image.tensor_shape.dim] == [-1, 8, 8, 1], image

    def status_lists_both_versions(self):
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "digits"
        states = self.models.GetModelStatus(request, TIMEOUT).model_version_status
        available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
        assert [(s.version, s.state) for s in states] == [(2, available), (1, available)], states

    def an_unknown_model_is_not_found(self):
        try:
            self.predict("nowhere", {})
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND, error
            assert error.details() == "Servable not found for request: Latest(nowhere)", error
        else:
            raise AssertionError("an answer came")

    def rest_predicts_in_rows_and_columns(self):
        status, rows = self.rest("digits:predict", self.seven)
        assert (status, rows["predictions"][0]["class"]) == (200, 7), rows
        status, columns = self.rest("digits:predict", {"inputs": {"image": self.seven["instances"]}})
        assert (status, columns["outputs"]["class"]) == (200, [7]), columns

    def rest_tells_status_and_errors(self):
        status, answer = self.rest("digits/versions/1")
        assert status == 200 and answer["model_version_status"][0]["state"] == "AVAILABLE", answer
        status, answer = self.rest("digits:predict", {"rows": []})
        assert status == 400 and "Missing 'inputs' or 'instances' key" in answer["error"], answer


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        client = Client(sys.argv[1], json.load(file))
    checks = [n for n, member in vars(Client).items() if n.count("_") > 1 and callable(member) and n[0] != "_"]
    failed = 0
    for name in checks:
        try:
            getattr(client, name)()
            print("passed: python,", name.replace("_", " "))
        except Exception as error:  # each check is told on its own
            failed += 1
            print("FAILED: python,", name.replace("_", " "), "-", type(error).__name__, error)
    return 1 if failed or not checks else 0


if __name__ == "__main__":
    sys.exit(main())

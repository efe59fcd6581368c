package turnout.backend.remote;

import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;

/** The calls that we make, with messages as bytes: a call that is sent twice is written once. */
enum RemoteMethod {
    PREDICT("PredictionService", "Predict"),
    GET_MODEL_METADATA("PredictionService", "GetModelMetadata"),
    GET_MODEL_STATUS("ModelService", "GetModelStatus");

    private final String service;
    private final String method;

    RemoteMethod(String service, String method) {
        this.service = "tensorflow.serving." + service;
        this.method = method;
    }

    ServiceMethod<Buffer, Buffer> method() {
        return ServiceMethod.client(
                ServiceName.create(service), method, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
    }
}

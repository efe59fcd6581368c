package turnout.gateway.edge.tfserving;

import io.vertx.grpc.common.GrpcStatus;
import turnout.gateway.call.CallRecord;

/** What may be done with a model, and what each calls a signature that is not there. */
enum Method {
    REST_PREDICT("tensorflow/serving/predict", CallRecord.Task.PREDICT) {
        @Override
        Failure signatureUnknown(String signature) {
            return invalid("Serving signature name: \"" + signature + "\" not found in signature def");
        }
    },
    PREDICT("tensorflow/serving/predict", CallRecord.Task.PREDICT) {
        @Override
        Failure signatureUnknown(String signature) {
            return new Failure(
                    GrpcStatus.FAILED_PRECONDITION, "Serving signature key \"" + signature + "\" not found.");
        }
    },
    CLASSIFY("tensorflow/serving/classify", CallRecord.Task.CLASSIFY) {
        @Override
        Failure signatureUnknown(String signature) {
            return invalid("No signature was found with the name: " + signature);
        }
    },
    REGRESS("tensorflow/serving/regress", CallRecord.Task.REGRESS) {
        @Override
        Failure signatureUnknown(String signature) {
            return invalid("No signature was found with the name: " + signature);
        }
    },
    MULTI_INFERENCE("", CallRecord.Task.MULTI_INFERENCE) {
        @Override
        Failure signatureUnknown(String signature) {
            return invalid("Requested signature not found in model graph: " + signature);
        }
    };

    private final String wireName;
    private final CallRecord.Task task;

    Method(String wireName, CallRecord.Task task) {
        this.wireName = wireName;
        this.task = task;
    }

    /** What the call's record says is asked. */
    CallRecord.Task task() {
        return task;
    }

    /** As it stands in a signature's {@code method_name}. */
    String wireName() {
        return wireName;
    }

    abstract Failure signatureUnknown(String signature);

    private static Failure invalid(String text) {
        return new Failure(GrpcStatus.INVALID_ARGUMENT, text);
    }
}

package turnout.backend.tensorflow;

import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_OperationDescription;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.InferenceException;

/** Adds single nodes to a loaded graph. TensorFlow takes them into the session with the next run. */
final class GraphEditor {
    private final NativeSession session;

    GraphEditor(NativeSession session) {
        this.session = session;
    }

    /** Begins a node; it runs on the CPU, whatever the model runs on. */
    Node node(String op, String name) {
        TF_OperationDescription description = tensorflow.TF_NewOperation(session.graph(), op, name);
        tensorflow.TF_SetDevice(description, "/device:CPU:0");
        return new Node(description, name);
    }

    /** The first output of an operation, as an argument of the C API. */
    static TF_Output output(TF_Operation operation) {
        return new TF_Output(1).oper(operation).index(0);
    }

    /** A node that is being made; call {@link #finish()} exactly once. */
    static final class Node {
        private final TF_OperationDescription description;
        private final String name;

        private Node(TF_OperationDescription description, String name) {
            this.description = description;
            this.name = name;
        }

        Node input(TF_Operation operation) {
            try (TF_Output output = output(operation)) {
                tensorflow.TF_AddInput(description, output);
            }
            return this;
        }

        /** One input whose operation takes a list there. */
        Node listInput(TF_Operation operation) {
            try (TF_Output output = output(operation)) {
                tensorflow.TF_AddInputList(description, output, 1);
            }
            return this;
        }

        Node after(List<TF_Operation> operations) {
            operations.forEach(operation -> tensorflow.TF_AddControlInput(description, operation));
            return this;
        }

        Node type(String attribute, int type) {
            tensorflow.TF_SetAttrType(description, attribute, type);
            return this;
        }

        Node types(String attribute, int... types) {
            tensorflow.TF_SetAttrTypeList(description, attribute, types, types.length);
            return this;
        }

        Node number(String attribute, long value) {
            tensorflow.TF_SetAttrInt(description, attribute, value);
            return this;
        }

        Node text(String attribute, String value) {
            try (BytePointer bytes = new BytePointer(value)) {
                tensorflow.TF_SetAttrString(description, attribute, bytes, value.length());
            }
            return this;
        }

        Node tensor(String attribute, TF_Tensor value) {
            TF_Status status = tensorflow.TF_NewStatus();
            try {
                tensorflow.TF_SetAttrTensor(description, attribute, value, status);
                Failures.check(status, name);
            } finally {
                tensorflow.TF_DeleteStatus(status);
            }
            return this;
        }

        /** @throws InferenceException if the graph does not take it */
        TF_Operation finish() {
            TF_Status status = tensorflow.TF_NewStatus();
            try {
                TF_Operation operation = tensorflow.TF_FinishOperation(description, status);
                Failures.check(status, "the graph does not take the node " + name);
                return operation;
            } finally {
                tensorflow.TF_DeleteStatus(status);
            }
        }
    }
}

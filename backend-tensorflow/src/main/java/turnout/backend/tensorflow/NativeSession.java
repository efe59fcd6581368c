package turnout.backend.tensorflow;

import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.RunOptions;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** A graph and its session in TensorFlow. Runs may be concurrent; closing must come after the last of them. */
final class NativeSession implements AutoCloseable {
    private final TF_Graph graph;
    private final TF_Session session;
    private final TF_Buffer inCallingThread;

    private NativeSession(TF_Graph graph, TF_Session session) {
        this.graph = graph;
        this.session = session;
        byte[] options =
                RunOptions.newBuilder().setInterOpThreadPool(-1).build().toByteArray();
        try (BytePointer bytes = new BytePointer(options)) {
            this.inCallingThread = tensorflow.TF_NewBufferFromString(bytes, options.length);
        }
    }

    /** Loads the graph with those tags, its variables restored and its initializers run. */
    static NativeSession ofSavedModel(Path directory, Set<String> tags, ConfigProto config) {
        TF_Graph graph = tensorflow.TF_NewGraph();
        TF_SessionOptions options = sessionOptions(config);
        TF_Status status = tensorflow.TF_NewStatus();
        BytePointer[] names = tags.stream().map(BytePointer::new).toArray(BytePointer[]::new);
        try (BytePointer path = new BytePointer(directory.toString());
                PointerPointer<BytePointer> tagList = new PointerPointer<>(names)) {
            TF_Session session = tensorflow.TF_LoadSessionFromSavedModel(
                    options, null, path, tagList, names.length, graph, null, status);
            if (!Failures.isOk(status)) {
                tensorflow.TF_DeleteGraph(graph);
                throw Failures.of(status, "TensorFlow cannot load the SavedModel", directory.toString());
            }
            return new NativeSession(graph, session);
        } finally {
            for (BytePointer name : names) {
                name.close();
            }
            tensorflow.TF_DeleteStatus(status);
            tensorflow.TF_DeleteSessionOptions(options);
        }
    }

    /** A session without a graph: it sets up TensorFlow's process-wide pools and shows the devices. */
    static NativeSession empty(ConfigProto config) {
        TF_Graph graph = tensorflow.TF_NewGraph();
        TF_SessionOptions options = sessionOptions(config);
        TF_Status status = tensorflow.TF_NewStatus();
        try {
            TF_Session session = tensorflow.TF_NewSession(graph, options, status);
            if (!Failures.isOk(status)) {
                tensorflow.TF_DeleteGraph(graph);
                throw Failures.of(status, "TensorFlow cannot open a session");
            }
            return new NativeSession(graph, session);
        } finally {
            tensorflow.TF_DeleteStatus(status);
            tensorflow.TF_DeleteSessionOptions(options);
        }
    }

    private static TF_SessionOptions sessionOptions(ConfigProto config) {
        TF_SessionOptions options = tensorflow.TF_NewSessionOptions();
        TF_Status status = tensorflow.TF_NewStatus();
        byte[] encoded = config.toByteArray();
        try (BytePointer bytes = new BytePointer(encoded)) {
            tensorflow.TF_SetConfig(options, bytes, encoded.length, status);
            Failures.check(status, "TensorFlow does not take the session's settings");
            return options;
        } finally {
            tensorflow.TF_DeleteStatus(status);
        }
    }

    TF_Graph graph() {
        return graph;
    }

    TF_Session session() {
        return session;
    }

    /** The operation of that name in the main graph. */
    TF_Operation operation(String name) {
        TF_Operation operation = tensorflow.TF_GraphOperationByName(graph, name);
        if (operation == null) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED, "a signature names \"" + name + "\", which the graph does not have");
        }
        return operation;
    }

    /** Runs the plan: the session's own way, or wholly in the calling thread where it must not wait for the session's pool. */
    void run(RunArguments arguments, boolean inCaller, TF_Status status) {
        tensorflow.TF_SessionRun(
                session,
                inCaller ? inCallingThread : null,
                arguments.feeds(),
                arguments.inputs(),
                arguments.inputCount(),
                arguments.fetches(),
                arguments.outputs(),
                arguments.outputCount(),
                arguments.targets(),
                arguments.targetCount(),
                null,
                status);
    }

    @Override
    public void close() {
        TF_Status status = tensorflow.TF_NewStatus();
        tensorflow.TF_CloseSession(session, status);
        tensorflow.TF_DeleteSession(session, status);
        tensorflow.TF_DeleteGraph(graph);
        tensorflow.TF_DeleteBuffer(inCallingThread);
        tensorflow.TF_DeleteStatus(status);
    }

    /** What one run is given; pointers may be null where the count is 0. */
    record RunArguments(
            @Nullable TF_Output feeds,
            @Nullable PointerPointer<TF_Tensor> inputs,
            int inputCount,
            @Nullable TF_Output fetches,
            @Nullable PointerPointer<TF_Tensor> outputs,
            int outputCount,
            @Nullable PointerPointer<Pointer> targets,
            int targetCount) {}
}

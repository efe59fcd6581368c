package turnout.backend.tensorflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.TensorProto;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** A signature whose tensors have been found in the graph. */
final class BoundSignature implements AutoCloseable {
    /**
     * TensorFlow compiles and keeps an executor for each set of fetched outputs, for as long as the session lives. Clients may ask for any
     * subset, so beyond a few of them all outputs are fetched and the unwanted dropped.
     */
    private static final int MOST_PLANS = 8;

    private final Signature signature;
    private final NativeSession session;
    private final Tripwire tripwire;
    private final List<String> inputs;
    private final TF_Output feeds;
    private final Map<String, TF_Tensor> defaults = new HashMap<>();
    private final Map<List<String>, Plan> plans = new HashMap<>();
    private final Plan everything;

    BoundSignature(
            Signature signature, Map<String, TensorProto> defaultValues, NativeSession session, Tripwire tripwire) {
        this.signature = signature;
        this.session = session;
        this.tripwire = tripwire;
        this.inputs = List.copyOf(signature.inputs().keySet());
        List<TF_Output> feedList = new ArrayList<>();
        signature.inputs().values().forEach(spec -> feedList.add(find(spec)));
        feedList.add(GraphEditor.output(tripwire.handleNode()));
        this.feeds = join(feedList);
        for (String name : signature.optionalInputs()) {
            defaults.put(name, tensor(defaultValues.getOrDefault(name, TensorProto.getDefaultInstance())));
        }
        this.everything = plan(List.copyOf(signature.outputs().keySet()));
        plans.put(everything.outputs(), everything);
    }

    /** Names of the inputs, in the order of the feeds. */
    List<String> inputs() {
        return inputs;
    }

    /** One feed per input, and the tripwire's handle last. */
    TF_Output feeds() {
        return feeds;
    }

    /** What an input is when a call leaves it out; owned by this signature. */
    TF_Tensor defaultOf(String input) {
        TF_Tensor value = defaults.get(input);
        if (value == null) {
            throw new IllegalStateException("input \"" + input + "\" is missing and has no default");
        }
        return value;
    }

    /** How to fetch at least those outputs. */
    Plan planFor(List<String> wanted) {
        if (wanted.equals(everything.outputs())) {
            return everything;
        }
        List<String> sorted = wanted.stream().sorted().toList();
        synchronized (plans) {
            Plan known = plans.get(sorted);
            if (known == null) {
                known = sorted.size() == everything.outputs().size() || plans.size() >= MOST_PLANS
                        ? everything
                        : plan(sorted);
                if (plans.size() < MOST_PLANS) {
                    plans.put(sorted, known);
                }
            }
            return known;
        }
    }

    private Plan plan(List<String> names) {
        List<TF_Output> fetches = new ArrayList<>();
        List<TF_Operation> operations = new ArrayList<>();
        for (String name : names) {
            TensorSpec spec = signature.outputs().get(name);
            if (spec == null) {
                throw new IllegalStateException("there is no output \"" + name + "\"");
            }
            TF_Output fetch = find(spec);
            fetches.add(fetch);
            operations.add(fetch.oper());
        }
        List<TF_Operation> targets = tripwire.targets(operations);
        return new Plan(names, join(fetches), new PointerPointer<>(targets.toArray(new Pointer[0])), targets.size());
    }

    private TF_Output find(TensorSpec spec) {
        String name = spec.nativeName();
        int colon = name.indexOf(':');
        int index = colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1));
        return new TF_Output(1)
                .oper(session.operation(GraphOutline.nodeOf(name)))
                .index(index);
    }

    private static TF_Output join(List<TF_Output> outputs) {
        TF_Output joined = new TF_Output(outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            TF_Output output = outputs.get(i);
            joined.position(i).oper(output.oper()).index(output.index());
        }
        return joined.position(0);
    }

    private static TF_Tensor tensor(TensorProto proto) {
        TF_Status status = tensorflow.TF_NewStatus();
        byte[] encoded = proto.toByteArray();
        try (BytePointer bytes = new BytePointer(encoded)) {
            TF_Buffer buffer = tensorflow.TF_NewBufferFromString(bytes, encoded.length);
            TF_Tensor tensor = tensorflow.TF_AllocateTensor(tensorflow.TF_FLOAT, new long[0], 0, Float.BYTES);
            tensorflow.TF_TensorFromProto(buffer, tensor, status);
            tensorflow.TF_DeleteBuffer(buffer);
            Failures.check(status, "the default of an input cannot be read");
            return tensor;
        } finally {
            tensorflow.TF_DeleteStatus(status);
        }
    }

    @Override
    public void close() {
        defaults.values().forEach(tensorflow::TF_DeleteTensor);
    }

    /**
     * One set of outputs, in the order in which they are fetched.
     *
     * @param outputs their names
     * @param fetches where they are in the graph
     * @param targets what else must run so that the run can be ended early
     * @param targetCount how many those are
     */
    record Plan(List<String> outputs, TF_Output fetches, PointerPointer<Pointer> targets, int targetCount) {}
}

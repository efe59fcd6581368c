package turnout.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import turnout.spi.Buffers;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Shapes;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * One run and the native things it needs. Closing frees them all but the buffers of the outputs, which the response owns once there is one.
 */
final class OnnxRun implements AutoCloseable {
    private final InferenceRequest request;
    private final OrtTensors tensors;
    private final Buffers buffers;

    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<String, OnnxTensor> pinned = new HashMap<>();
    private final Map<String, Tensor> pinnedOutputs = new HashMap<>();
    private final List<Buffers.Lease> inputLeases = new ArrayList<>();
    private final List<Buffers.Lease> outputLeases = new ArrayList<>();

    OnnxRun(InferenceRequest request, OrtTensors tensors, Buffers buffers) {
        this.request = request;
        this.tensors = tensors;
        this.buffers = buffers;
    }

    /** Gives the runtime the inputs, in place but for strings. */
    void lendInputs(OrtStrings.Form form) throws OrtException {
        for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) {
            String name = input.getKey();
            Tensor tensor = input.getValue();
            if (tensor.type() == DataType.BYTES) {
                inputs.put(name, tensors.ofStrings(name, tensor, form, opened));
            } else {
                OnnxTensor value = tensors.over(direct(tensor), tensor.type(), tensor.shape());
                opened.add(value);
                inputs.put(name, value);
            }
        }
    }

    /** Has an output written into a buffer of ours, of that shape. */
    void pin(TensorSpec output, long[] shape) throws OrtException {
        Buffers.Lease lease = buffers.lease(Shapes.byteSize(output.type(), shape));
        outputLeases.add(lease);
        Tensor tensor = new Tensor(output.type(), shape, lease.buffer());
        pinnedOutputs.put(output.name(), tensor);
        OnnxTensor value = tensors.over(lease.buffer(), output.type(), shape);
        opened.add(value);
        pinned.put(output.name(), value);
    }

    /** Runs it: pinned outputs are in their buffers afterwards, the others are copied. */
    InferenceResponse on(OrtSession session, StopSwitch stop) throws OrtException, OrtStrings.UnreadableException {
        Set<String> others = new LinkedHashSet<>(request.outputs());
        others.removeAll(pinned.keySet());
        try (OrtSession.Result result = session.run(inputs, others, pinned, stop.options())) {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (String name : request.outputs()) {
                Tensor inPlace = pinnedOutputs.get(name);
                outputs.put(name, inPlace == null ? copy(name, result) : inPlace);
            }
            List<Buffers.Lease> leases = List.copyOf(outputLeases);
            outputLeases.clear();
            return new InferenceResponse(outputs, () -> leases.forEach(Buffers.Lease::close));
        }
    }

    @Override
    public void close() {
        for (int i = opened.size() - 1; i >= 0; i--) {
            free(opened.get(i));
        }
        inputLeases.forEach(Buffers.Lease::close);
        outputLeases.forEach(Buffers.Lease::close);
    }

    private Tensor copy(String name, OrtSession.Result result) throws OrtException, OrtStrings.UnreadableException {
        TensorSpec declared = request.signature().outputs().get(name);
        OnnxValue value = result.get(name).orElse(null);
        if (declared == null || !(value instanceof OnnxTensor tensor)) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED, "output \"" + name + "\" is not the tensor that it is declared to be");
        }
        return tensors.copyOf(tensor, declared);
    }

    // The gateway's buffers are direct; this is for callers who kept to the letter of Tensor only.
    private ByteBuffer direct(Tensor tensor) {
        ByteBuffer data = tensor.data();
        if (data.isDirect()) {
            return data;
        }
        Buffers.Lease lease = buffers.lease(data.remaining());
        inputLeases.add(lease);
        return lease.buffer().put(data).flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void free(AutoCloseable value) {
        try {
            value.close();
        } catch (Exception e) {
            throw new InferenceException(ErrorCode.INTERNAL, "a native value could not be freed", e);
        }
    }
}

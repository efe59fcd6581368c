package turnout.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.StringElements;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** Makes the runtime's tensors from ours and ours from the runtime's. */
final class OrtTensors {
    private final OrtEnvironment environment;
    private final OrtStrings strings;
    private final Optional<WideUnsigned> wideUnsigned;

    OrtTensors(OrtEnvironment environment, OrtStrings strings, Optional<WideUnsigned> wideUnsigned) {
        this.environment = environment;
        this.strings = strings;
        this.wideUnsigned = wideUnsigned;
    }

    /** Whether uint16, uint32 and uint64 can be made. */
    boolean carriesWideUnsigned() {
        return wideUnsigned.isPresent();
    }

    /** A tensor of fixed-width elements that lies in that direct buffer, for reading or for writing. */
    OnnxTensor over(ByteBuffer direct, DataType type, long[] shape) throws OrtException {
        Optional<OnnxJavaType> javaType = ElementTypes.javaType(type);
        if (javaType.isPresent()) {
            return OnnxTensor.createTensor(environment, direct, shape, javaType.get());
        }
        return wideUnsigned
                .orElseThrow(() -> new InferenceException(ErrorCode.UNSUPPORTED, "type " + type + " is not carried"))
                .over(direct, type, shape);
    }

    /** A tensor of strings; see {@link OrtStrings#of}. */
    OnnxTensor ofStrings(String name, Tensor tensor, OrtStrings.Form form, List<AutoCloseable> opened)
            throws OrtException {
        return strings.of(name, tensor, form, opened);
    }

    /** A copy on the heap of what the runtime owns. */
    Tensor copyOf(OnnxTensor value, TensorSpec declared) throws OrtException, OrtStrings.UnreadableException {
        long[] shape = value.getInfo().getShape();
        if (declared.type() == DataType.BYTES) {
            return new Tensor(DataType.BYTES, shape, StringElements.write(strings.read(value)));
        }
        // Before the copy: it tells an output beyond what one buffer holds.
        int bytes = Shapes.byteSize(declared.type(), shape);
        ByteBuffer data = bytes == 0 ? ByteBuffer.allocate(0) : value.getByteBuffer();
        return new Tensor(declared.type(), shape, data);
    }
}

package turnout.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    private final Optional<WideUnsigned> wideUnsigned;

    OrtTensors(OrtEnvironment environment, Optional<WideUnsigned> wideUnsigned) {
        this.environment = environment;
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

    /**
     * A tensor of strings; the runtime's Java interface takes texts only.
     *
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when an element is not UTF-8
     */
    OnnxTensor ofStrings(String name, Tensor tensor) throws OrtException {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        List<byte[]> elements = StringElements.read(tensor.data());
        String[] texts = new String[elements.size()];
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = decoder.decode(ByteBuffer.wrap(elements.get(i))).toString();
            } catch (CharacterCodingException e) {
                throw InferenceException.invalidInput(
                        "input \"" + name + "\": element " + i + " is not UTF-8, which ONNX Runtime asks for");
            }
        }
        return OnnxTensor.createTensor(environment, texts, tensor.shape());
    }

    /** A copy on the heap of what the runtime owns. */
    static Tensor copyOf(OnnxTensor value, TensorSpec declared) throws OrtException {
        long[] shape = value.getInfo().getShape();
        if (declared.type() == DataType.BYTES) {
            List<byte[]> elements = new ArrayList<>();
            if (Shapes.elements(shape) > 0) {
                collect(value.getValue(), elements);
            }
            return new Tensor(DataType.BYTES, shape, StringElements.write(elements));
        }
        // Before the copy: it tells an output beyond what one buffer holds.
        int bytes = Shapes.byteSize(declared.type(), shape);
        ByteBuffer data = bytes == 0 ? ByteBuffer.allocate(0) : value.getByteBuffer();
        return new Tensor(declared.type(), shape, data);
    }

    // Strings come as arrays nested as deep as the rank; a scalar comes bare.
    private static void collect(Object value, List<byte[]> elements) {
        if (value instanceof Object[] array) {
            for (Object element : array) {
                collect(element, elements);
            }
        } else {
            elements.add(((String) value).getBytes(StandardCharsets.UTF_8));
        }
    }
}

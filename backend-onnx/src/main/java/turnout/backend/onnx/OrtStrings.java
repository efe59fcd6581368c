package turnout.backend.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/**
 * Carries strings to the runtime and back.
 *
 * <p>The runtime's Java interface takes and gives texts in JNI's "modified UTF-8", which is UTF-8 but for two things: characters beyond 16
 * bits (emoji) become six bytes that are not UTF-8, and NUL becomes two bytes. A model would look for such words in vain, and where it gives
 * some itself, Java would read garbage without an error. So such inputs are brought in as the constant of a model made for the call, which
 * takes any bytes, and outputs are compared inside the runtime with what was read of them.
 */
final class OrtStrings implements AutoCloseable {
    /** How an input's characters beyond 16 bits and NUL reach the model. */
    enum Form {
        /** As the bytes that the client sent. */
        EXACT,
        /** As JNI writes them: right only for a model that hands its inputs through, which is then the only way to read them back. */
        MODIFIED
    }

    /** An output holds a string that Java cannot read. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException() {
            super("an output string cannot be read", null, false, false);
        }
    }

    /** Inputs a and b of any shape, output same = Equal(a, b), opset 19. */
    private static final String EQUAL =
            "CAk6QAoTCgFhCgFiEgRzYW1lIgVFcXVhbBIFZXF1YWxaCQoBYRIECgIICFoJCgFiEgQKAggIYgwKBHNhbWUSBAoCCAlCAhAT";

    private final OrtEnvironment environment;
    private final OrtSession equal;

    OrtStrings(OrtEnvironment environment) {
        this.environment = environment;
        try {
            this.equal = session(Base64.getDecoder().decode(EQUAL));
        } catch (OrtException e) {
            throw new InferenceException(ErrorCode.UNAVAILABLE, "ONNX Runtime cannot compare strings", e);
        }
    }

    /**
     * The runtime's tensor for ours.
     *
     * @param opened gets what must be closed after the run, last first
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when an element is not UTF-8
     */
    OnnxTensor of(String name, Tensor tensor, Form form, List<AutoCloseable> opened) throws OrtException {
        List<byte[]> elements = StringElements.read(tensor.data());
        String[] texts = texts(name, elements);
        if (form == Form.EXACT && changedByJni(texts)) {
            return constant(elements, tensor.shape(), opened);
        }
        OnnxTensor value = OnnxTensor.createTensor(environment, texts, tensor.shape());
        opened.add(value);
        return value;
    }

    /** The elements of an output, as the model made them. */
    List<byte[]> read(OnnxTensor value) throws OrtException, UnreadableException {
        long[] shape = value.getInfo().getShape();
        List<byte[]> elements = new ArrayList<>();
        if (Shapes.elements(shape) == 0) {
            return elements;
        }
        List<String> texts = new ArrayList<>();
        collect(value.getValue(), texts);
        if (!isWhatWasRead(value, texts, shape)) {
            throw new UnreadableException();
        }
        texts.forEach(text -> elements.add(text.getBytes(UTF_8)));
        return elements;
    }

    @Override
    public void close() {
        try {
            equal.close();
        } catch (OrtException e) {
            throw new InferenceException(ErrorCode.INTERNAL, "a session could not be freed", e);
        }
    }

    private static String[] texts(String name, List<byte[]> elements) {
        CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        String[] texts = new String[elements.size()];
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = decoder.decode(ByteBuffer.wrap(elements.get(i))).toString();
            } catch (CharacterCodingException e) {
                throw InferenceException.invalidInput(
                        "input \"" + name + "\": element " + i + " is not UTF-8, as strings for this model must be");
            }
        }
        return texts;
    }

    private static boolean changedByJni(String[] texts) {
        for (String text : texts) {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) == 0 || Character.isSurrogate(text.charAt(i))) {
                    return true;
                }
            }
        }
        return false;
    }

    private OnnxTensor constant(List<byte[]> elements, long[] shape, List<AutoCloseable> opened) throws OrtException {
        OrtSession session = session(ConstantModel.ofStrings(elements, shape));
        opened.add(session);
        OrtSession.Result result = session.run(Map.of());
        opened.add(result);
        return (OnnxTensor) result.get(0);
    }

    private boolean isWhatWasRead(OnnxTensor value, List<String> texts, long[] shape) throws OrtException {
        try (OnnxTensor read = OnnxTensor.createTensor(environment, texts.toArray(String[]::new), shape);
                OrtSession.Result result = equal.run(Map.of("a", value, "b", read))) {
            ByteBuffer same = ((OnnxTensor) result.get(0)).getByteBuffer();
            while (same.hasRemaining()) {
                if (same.get() == 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private OrtSession session(byte[] model) throws OrtException {
        try (SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.NO_OPT);
            return environment.createSession(model, options);
        }
    }

    // Strings come as arrays nested as deep as the rank; a scalar comes bare.
    private static void collect(Object value, List<String> texts) {
        if (value instanceof Object[] array) {
            for (Object element : array) {
                collect(element, texts);
            }
        } else {
            texts.add((String) value);
        }
    }
}

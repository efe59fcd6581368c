package turnout.backend.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.booleans;
import static turnout.testkit.Tensors.shape;
import static turnout.testkit.Tensors.strings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Loader;
import turnout.spi.Tensor;

/** Strings reach the model and come back as the bytes they are, although the runtime's Java interface changes some. */
class OrtStringsTest {
    private static final String[] ODD = {"plain", "é日", "😀", "a\0b", ""};

    private OnnxBench bench;

    @BeforeEach
    void start(@TempDir Path scratch) {
        bench = new OnnxBench(scratch);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aModelFindsEmojiAndNulInItsInputs(@TempDir Path directory) throws Exception {
        compareWithConstants(ODD).into(directory);
        assertThatTensor(run(directory, strings(ODD)).get("same"))
                .isSameAs(booleans(shape(5), true, true, true, true, true));
    }

    @Test
    void stringsThatAModelMakesItselfAreReadIfJavaCan(@TempDir Path directory) throws Exception {
        compareWithConstants("plain", "é日")
                .node("Identity", List.of("constants"), List.of("label"))
                .output("label", OnnxWriter.STRING, 2)
                .into(directory);
        Map<String, Tensor> outputs = run(directory, strings("😀", "é日"));
        assertThatTensor(outputs.get("same")).isSameAs(booleans(shape(2), false, true));
        assertThatTensor(outputs.get("label")).isSameAs(strings("plain", "é日"));
    }

    @Test
    void aStringThatJavaCannotReadIsAFailureAndNotAnotherString(@TempDir Path directory) throws Exception {
        for (String odd : List.of("😀", "a\0b")) {
            compareWithConstants(odd)
                    .node("Identity", List.of("constants"), List.of("label"))
                    .output("label", OnnxWriter.STRING, 1)
                    .into(directory);
            InferenceException failure = OnnxBench.failureOf(() -> run(directory, strings("x")));
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
            assertThat(failure).hasMessageContaining("cannot be carried");
        }
    }

    @Test
    void stringsOfSeveralDimensionsAndScalarsPass(@TempDir Path directory) throws Exception {
        new OnnxWriter()
                .node("Identity", List.of("x"), List.of("y"))
                .inputWithoutShape("x", OnnxWriter.STRING)
                .outputWithoutShape("y", OnnxWriter.STRING)
                .into(directory);
        for (long[] shape : List.of(shape(), shape(2, 2), shape(1, 2, 1, 2), shape(0, 3))) {
            byte[][] values = Stream.of("a", "😀", "", "d")
                    .limit(shape.length == 0 ? 1 : shape[0] == 0 ? 0 : 4)
                    .map(value -> value.getBytes(UTF_8))
                    .toArray(byte[][]::new);
            Tensor tensor = strings(shape, values);
            assertThatTensor(run(directory, tensor).get("y")).isSameAs(tensor);
        }
    }

    private Map<String, Tensor> run(Path directory, Tensor x) {
        Loader loader = bench.loader(directory);
        try {
            return bench.run(loader.load(), Map.of("x", x));
        } finally {
            loader.unload();
        }
    }

    private static OnnxWriter compareWithConstants(String... values) {
        byte[][] constants =
                Stream.of(values).map(value -> value.getBytes(UTF_8)).toArray(byte[][]::new);
        return new OnnxWriter()
                .node("Equal", List.of("x", "constants"), List.of("same"))
                .input("x", OnnxWriter.STRING, values.length)
                .output("same", OnnxWriter.BOOL, values.length)
                .initializer(OnnxWriter.strings("constants", constants));
    }
}

package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.shape;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.spi.DataType;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** One answer, whichever runtime gives it and whichever door it comes through; every type survives the way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TwinsIT {
    private static final double TOLERANCE = 1e-5;

    private final Served server;
    private final Doors doors;

    TwinsIT(@TempDir Path folder) {
        ModelFolder models = new ModelFolder(folder)
                .add("digits", "digits_onnx", "diabetes", "diabetes_onnx", "half_plus_two", "half_plus_two_onnx")
                .add("linear", "linear_onnx", "multi_io", "multi_io_onnx", "matrix", "matrix_onnx", "identity")
                .settings("linear", "versions: all\n")
                .settings("linear_onnx", "versions: all\n");
        for (DataType type : DataType.values()) {
            models.add("identity_" + name(type) + "_onnx");
        }
        server = Served.start(models);
        doors = new Doors(server.port());
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    static Stream<Arguments> twins() {
        Random random = new Random(4);
        Map<String, DataType> probabilities = new LinkedHashMap<>();
        probabilities.put("probabilities", DataType.FP32);
        probabilities.put("class", DataType.INT64);
        Question digits = Question.of("digits", Map.of("image", images(random)), probabilities);
        Question diabetes =
                Question.of("diabetes", Map.of("features", patients(random)), Map.of("progression", DataType.FP32));
        Question multi = Question.of(
                "multi_io",
                Map.of(
                        "a", Tensors.floats(shape(3, 2), 1, 2, 3, 4, -5, 6.5f),
                        "b", Tensors.longs(shape(3), 1, -2, 1L << 53)),
                Map.of("sum", DataType.FP32, "double", DataType.INT64));
        Tensor x = Tensors.floats(0, 1.5f, -3, 1e-3f, 12345.678f);
        return Stream.of(
                        digits.version(1),
                        digits.version(2),
                        diabetes,
                        Question.xToY("half_plus_two", x),
                        Question.xToY("linear", x).version(1),
                        Question.xToY("linear", x).version(2),
                        multi,
                        Question.xToY("matrix", Tensors.floats(shape(2, 3), 1, 2, 3, 4, 5, 6)))
                .map(question -> Arguments.of(
                        question.model() + (question.version() == null ? "" : " " + question.version()), question));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twins")
    void twinsGiveEqualAnswersAtEveryDoor(String name, Question question) {
        Map<String, Reply> replies = new LinkedHashMap<>();
        for (Door door : Door.values()) {
            for (String model : List.of(question.model(), question.model() + "_onnx")) {
                replies.put(
                        door + " " + model,
                        doors.ask(door, question.model(model)).join());
            }
        }
        Reply expected = replies.values().iterator().next();
        assertThat(expected.outputs()).containsOnlyKeys(question.outputs().keySet());
        replies.forEach((which, reply) -> {
            assertThat(reply.version()).as(which).isEqualTo(expected.version()).isEqualTo(reply.header());
            question.outputs().forEach((output, type) -> {
                assertThat(reply.output(output).type()).as(which).isEqualTo(type);
                assertClose(which + " " + output, reply.output(output), expected.output(output));
            });
        });
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void everyTypeComesBackFromTensorFlowAsItWent(DataType type) {
        roundTrips(
                identity("identity", type).signature(name(type)),
                Stream.of(Door.values()).filter(Door::namesSignatures).toList());
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void everyTypeComesBackFromOnnxAsItWent(DataType type) {
        roundTrips(identity("identity_" + name(type) + "_onnx", type), List.of(Door.values()));
    }

    private void roundTrips(Question question, List<Door> through) {
        Tensor sent = question.inputs().values().iterator().next();
        Map<Door, CompletableFuture<Reply>> replies = new LinkedHashMap<>();
        through.stream()
                .filter(door -> door.carries(sent.type()))
                .forEach(door -> replies.put(door, doors.ask(door, question)));
        List<String> failures = new ArrayList<>();
        replies.forEach((door, reply) -> {
            try {
                assertThatTensor(reply.join().output("y")).isSameAs(sent);
            } catch (AssertionError | RuntimeException e) {
                failures.add(door + ": " + e.getMessage());
            }
        });
        assertThat(failures).isEmpty();
    }

    private static Question identity(String model, DataType type) {
        return Question.of(model, Map.of("x", sample(type)), Map.of("y", type));
    }

    /** Values at the ends of each type's range that are finite, so that JSON has words for them. */
    private static Tensor sample(DataType type) {
        return switch (type) {
            case BOOL -> bits(type, 1, 0, 1);
            case INT8, UINT8 -> bits(type, 0, 1, 0x7f, 0x80, 0xff);
            case INT16, UINT16 -> bits(type, 0, 1, 0x7fff, 0x8000, 0xffff);
            case INT32, UINT32 -> bits(type, 0, 1, 0x7fffffff, 0x80000000L, 0xffffffffL);
            case INT64, UINT64 -> bits(type, 0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, (1L << 53) + 1);
            // 0, -0, 1, 1.5, -2, the greatest, the least that is normal.
            case FP16 -> bits(type, 0, 0x8000, 0x3c00, 0x3e00, 0xc000, 0x7bff, 0x0400);
            case BF16 -> bits(type, 0, 0x8000, 0x3f80, 0x3fc0, 0xc000, 0x7f7f, 0x0080);
            case FP32 -> Tensors.floats(0, -0f, 1 / 3f, -2, Float.MAX_VALUE, Float.MIN_NORMAL, 16777217, 0.1f);
            case FP64 ->
                Tensors.doubles(shape(6), 0, -0d, 0.1 + 0.2, Double.MAX_VALUE, Double.MIN_NORMAL, (1L << 53) - 1);
            case BYTES -> Tensors.strings("", "plain", "Grüße 😀 日本", "\r\n\t\"\\", "null", "x".repeat(70_000));
        };
    }

    private static Tensor bits(DataType type, long... values) {
        return Tensors.bits(type, shape(values.length), values);
    }

    /** TensorFlow's word for a type. */
    private static String name(DataType type) {
        return switch (type) {
            case FP16 -> "float16";
            case BF16 -> "bfloat16";
            case FP32 -> "float32";
            case FP64 -> "float64";
            case BYTES -> "string";
            default -> type.lowerName();
        };
    }

    private static Tensor images(Random random) {
        float[] pixels = new float[3 * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextInt(17);
        }
        return Tensors.floats(shape(3, 8, 8, 1), pixels);
    }

    private static Tensor patients(Random random) {
        float[] typical = {59, 2, 32.1f, 101, 157, 93.2f, 38, 4, 4.8598f, 87};
        float[] values = new float[3 * typical.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = typical[i % typical.length] * (0.8f + 0.4f * random.nextFloat());
        }
        return Tensors.floats(shape(3, typical.length), values);
    }

    private static void assertClose(String which, Tensor actual, Tensor expected) {
        assertThat(actual.shape()).as(which).isEqualTo(expected.shape());
        if (expected.type() != DataType.FP32) {
            assertThatTensor(actual).isSameAs(expected);
            return;
        }
        float[] got = Tensors.floatsOf(actual);
        float[] wanted = Tensors.floatsOf(expected);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) got[i])
                    .as("%s[%d]", which, i)
                    .isCloseTo(wanted[i], within(TOLERANCE * Math.max(1, Math.abs(wanted[i]))));
        }
    }
}

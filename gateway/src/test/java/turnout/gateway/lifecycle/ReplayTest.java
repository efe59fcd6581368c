package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.PredictionLog;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.testkit.FakeServable;

class ReplayTest {
    private final List<Integer> rowsAsked = new CopyOnWriteArrayList<>();

    /** A predict of so many rows of the fake model's input. */
    private static byte[] predict(int rows, String input, DataType type) {
        PredictionLog.Builder log = PredictionLog.newBuilder();
        var tensor = TensorProto.newBuilder().setDtype(type);
        tensor.getTensorShapeBuilder().addDimBuilder().setSize(rows);
        for (int i = 0; i < rows; i++) {
            if (type == DataType.DT_FLOAT) {
                tensor.addFloatVal(i);
            } else {
                tensor.addIntVal(i);
            }
        }
        var request = log.getPredictLogBuilder().getRequestBuilder();
        request.getModelSpecBuilder().setName("recorded-under-another-name");
        request.putInputs(input, tensor.build());
        return log.build().toByteArray();
    }

    private static byte[] predict(int rows) {
        return predict(rows, "x", DataType.DT_FLOAT);
    }

    private static byte[] sessionRun() {
        PredictionLog.Builder log = PredictionLog.newBuilder();
        log.getSessionRunLogBuilder().getRequestBuilder().addFetch("y:0");
        return log.build().toByteArray();
    }

    private Rig rig(Path root, String config, byte[] file) {
        Repository repository = new Repository(root).version("m", 1).config("m", config);
        TfRecords.write(repository.model("m").resolve("1"), file);
        return Rig.over(root, request -> FakeServable.identity(turnout.spi.DataType.FP32)
                        .failingWhen(asked -> {
                            int rows =
                                    (int) Objects.requireNonNull(asked.inputs().get("x"))
                                            .rows();
                            rowsAsked.add(rows);
                            return rows == 13
                                    ? Optional.of(new InferenceException(ErrorCode.MODEL_FAILED, "no 13"))
                                    : Optional.empty();
                        }))
                .start();
    }

    private static byte[] damaged(byte[] file, int at) {
        byte[] copy = file.clone();
        copy[at] ^= 1;
        return copy;
    }

    @Test
    void recordedRequestsAreRunBeforeCallsAreTaken(@TempDir Path root) {
        try (Rig rig = rig(root, "warmup: file", TfRecords.of(List.of(predict(3), predict(5))))) {
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(rowsAsked).containsExactly(3, 5);
            assertThat(conditions(rig))
                    .containsExactly("calls are not joined: warmup is file, so nothing proved that they may be");
        }
    }

    @Test
    void eachRequestIsRunAsOftenAsTheConfigurationSays(@TempDir Path root) {
        byte[] file = TfRecords.of(List.of(predict(3), predict(5)));
        try (Rig rig = rig(root, "{warmup: file, warmup-iterations: 3}", file)) {
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(rowsAsked).containsExactly(3, 3, 3, 5, 5, 5);
        }
    }

    @Test
    void theUsualWarmUpRunsTheFileAndStillProvesThatCallsMayBeJoined(@TempDir Path root) {
        try (Rig rig = rig(root, "warmup: auto", TfRecords.of(List.of(predict(7))))) {
            assertThat(rowsAsked.get(0)).isEqualTo(7);
            assertThat(rowsAsked).contains(1, 2);
            assertThat(conditions(rig)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource
    void theFileIsLeftAloneWhereTheConfigurationSaysSo(String mode, boolean makesUp, @TempDir Path root) {
        try (Rig rig = rig(root, "warmup: \"" + mode + "\"", TfRecords.of(List.of(predict(13))))) {
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(rowsAsked.isEmpty()).isEqualTo(!makesUp);
        }
    }

    static Stream<Arguments> theFileIsLeftAloneWhereTheConfigurationSaysSo() {
        return Stream.of(Arguments.of("off", false), Arguments.of("synthetic", true));
    }

    @Test
    void aVersionThatShouldBeWarmedByItsFileOnlyAndHasNoneSaysSo(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "warmup: file");
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(turnout.spi.DataType.FP32))
                .start()) {
            assertThat(conditions(rig)).contains("it was not warmed: warmup is file, and there is no " + Replay.FILE);
        }
    }

    @Test
    void whatCannotBeRunHereIsPassedOverAndCounted(@TempDir Path root) {
        byte[] file = TfRecords.of(List.of(sessionRun(), predict(3), sessionRun()));
        try (Rig rig = rig(root, "warmup: auto", file)) {
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(conditions(rig))
                    .containsExactly(
                            "2 recorded session_run requests of " + Replay.FILE + " were not run: unsupported");
        }
    }

    @ParameterizedTest
    @MethodSource
    void aFileThatIsNotAsItShouldBeFailsTheLoadAndSaysWhy(byte[] file, String cause, @TempDir Path root) {
        try (Rig rig = rig(root, "warmup: auto", file)) {
            assertThat(rig.available("m")).isEmpty();
            VersionStatus.Failure failure =
                    rig.status("m").version(1).map(VersionStatus::failure).orElseThrow();
            assertThat(failure.message()).contains(cause);
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        }
    }

    static Stream<Arguments> aFileThatIsNotAsItShouldBeFailsTheLoadAndSaysWhy() {
        byte[] good = TfRecords.of(List.of(predict(3), predict(5)));
        int first = predict(3).length + 16;
        return Stream.of(
                Arguments.of(
                        TfRecords.of(List.of(predict(3), predict(13))),
                        "record 2 of " + Replay.FILE + " failed: no 13"),
                Arguments.of(
                        TfRecords.of(List.of(predict(3, "z", DataType.DT_FLOAT))),
                        "record 1 of " + Replay.FILE + " failed: Signature input alias: x"),
                Arguments.of(
                        TfRecords.of(List.of(predict(3, "x", DataType.DT_INT32))),
                        "record 1 of " + Replay.FILE + " failed: "),
                Arguments.of(
                        TfRecords.of(List.of(new byte[0])),
                        "record 1 of " + Replay.FILE + " failed: it is no PredictionLog with a request"),
                Arguments.of(TfRecords.of(List.of(new byte[] {1, 2, 3})), "record 1 of " + Replay.FILE + " failed: "),
                Arguments.of(
                        damaged(good, first + 20),
                        "record 2 of " + Replay.FILE + " cannot be read: the checksum of its content"),
                Arguments.of(
                        damaged(good, first),
                        "record 2 of " + Replay.FILE + " cannot be read: the checksum of its length"),
                Arguments.of(
                        Arrays.copyOf(good, good.length - 1),
                        "record 2 of " + Replay.FILE + " cannot be read: its length"),
                Arguments.of(
                        Arrays.copyOf(good, first + 5),
                        "record 2 of " + Replay.FILE + " cannot be read: the file ends"),
                Arguments.of(
                        "predictions".getBytes(StandardCharsets.UTF_8),
                        "record 1 of " + Replay.FILE + " cannot be read: the file ends"),
                Arguments.of(
                        TfRecords.of(Collections.nCopies(1001, predict(1))),
                        Replay.FILE + " holds more than 1000 records"));
    }

    @Test
    void aRecordThatIsTooLargeEndsTheVersionBeforeItIsRead(@TempDir Path root) throws IOException {
        long size = TfRecordFile.MOST_RECORD_BYTES + 1L;
        byte[] file = Arrays.copyOf(TfRecords.of(List.of(predict(3))), predict(3).length + 16 + 12);
        System.arraycopy(TfRecords.head(size), 0, file, file.length - 12, 12);
        Repository repository = new Repository(root).version("m", 1).config("m", "warmup: auto");
        Path version = repository.model("m").resolve("1");
        TfRecords.write(version, file);
        // A hole: no disk is taken by what is never read.
        try (RandomAccessFile hole =
                new RandomAccessFile(version.resolve(Replay.FILE).toFile(), "rw")) {
            hole.setLength(file.length + size + 4);
        }
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(turnout.spi.DataType.FP32))
                .start()) {
            VersionStatus.Failure failure =
                    rig.status("m").version(1).map(VersionStatus::failure).orElseThrow();
            assertThat(failure.message())
                    .isEqualTo("record 2 of " + Replay.FILE + " cannot be read: it has 67108865 bytes, and the limit is"
                            + " 67108864");
        }
    }

    private static List<String> conditions(Rig rig) {
        return rig.status("m").version(1).orElseThrow().conditions();
    }
}

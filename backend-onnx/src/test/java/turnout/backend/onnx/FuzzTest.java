package turnout.backend.onnx;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.testkit.Fuzzing;

/** A model of somebody else is looked at, or refused, whatever its file is. */
class FuzzTest {
    static Stream<Fuzzing> targets() {
        return Stream.of(new Fuzzing(OnnxFiles.class, OnnxFiles::fuzzerTestOneInput));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keptInputsAreReadOrRefused(Fuzzing target) {
        target.replay();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void changedInputsAreReadOrRefused(Fuzzing target) {
        target.change(1_500);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @MethodSource("targets")
    void inputsThatReachNewCodeAreReadOrRefused(Fuzzing target) {
        target.search();
    }
}

package turnout.gateway.edge.openinference;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.testkit.Fuzzing;

/** What clients of the open inference protocol send is read or refused, whatever it is, at a price that fits its size. */
class FuzzTest {
    static Stream<Fuzzing> targets() {
        return Stream.of(
                new Fuzzing(InferBodies.class, InferBodies::fuzzerTestOneInput),
                new Fuzzing(InferMessages.class, InferMessages::fuzzerTestOneInput));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keptInputsAreReadOrRefused(Fuzzing target) {
        target.replay();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void changedInputsAreReadOrRefused(Fuzzing target) {
        target.change(5_000);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @MethodSource("targets")
    void inputsThatReachNewCodeAreReadOrRefused(Fuzzing target) {
        target.search();
    }
}

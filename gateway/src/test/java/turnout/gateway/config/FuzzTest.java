package turnout.gateway.config;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.testkit.Fuzzing;

/** What stands in a configuration file is read, or refused with a place. */
class FuzzTest {
    static Stream<Fuzzing> targets() {
        return Stream.of(new Fuzzing(YamlFiles.class, YamlFiles::fuzzerTestOneInput));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keptInputsAreReadOrRefused(Fuzzing target) {
        target.replay();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void changedInputsAreReadOrRefused(Fuzzing target) {
        target.change(300);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @MethodSource("targets")
    void inputsThatReachNewCodeAreReadOrRefused(Fuzzing target) {
        target.search();
    }
}

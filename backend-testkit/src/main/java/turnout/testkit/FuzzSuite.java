package turnout.testkit;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of every reader of others' bytes: a test class names its readers, and how many changed inputs each gets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public interface FuzzSuite {
    /** The readers. */
    Stream<Fuzzing> targets();

    /** Changed inputs for each reader in every test run. */
    int rounds();

    @ParameterizedTest
    @MethodSource("targets")
    default void keptInputsAreReadOrRefused(Fuzzing target) {
        target.replay();
    }

    @ParameterizedTest
    @MethodSource("targets")
    default void changedInputsAreReadOrRefused(Fuzzing target) {
        target.change(rounds());
    }

    /** In the profile {@code fuzz}. */
    @Tag("fuzz")
    @ParameterizedTest
    @MethodSource("targets")
    default void inputsThatReachNewCodeAreReadOrRefused(Fuzzing target) {
        target.search();
    }
}

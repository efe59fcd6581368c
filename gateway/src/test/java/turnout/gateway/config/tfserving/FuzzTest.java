package turnout.gateway.config.tfserving;

import java.util.stream.Stream;
import turnout.testkit.FuzzSuite;
import turnout.testkit.Fuzzing;

/** What stands in a configuration file is read, or refused with a place. */
class FuzzTest implements FuzzSuite {
    @Override
    public Stream<Fuzzing> targets() {
        return Stream.of(new Fuzzing(TextFiles.class, TextFiles::fuzzerTestOneInput));
    }

    @Override
    public int rounds() {
        return 1_000;
    }
}

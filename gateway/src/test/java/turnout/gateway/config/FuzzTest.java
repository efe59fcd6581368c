package turnout.gateway.config;

import java.util.stream.Stream;
import turnout.testkit.FuzzSuite;
import turnout.testkit.Fuzzing;

/** What stands in a configuration file is read, or refused with a place. */
class FuzzTest implements FuzzSuite {
    @Override
    public Stream<Fuzzing> targets() {
        return Stream.of(new Fuzzing(YamlFiles.class, YamlFiles::fuzzerTestOneInput));
    }

    @Override
    public int rounds() {
        return 300;
    }
}

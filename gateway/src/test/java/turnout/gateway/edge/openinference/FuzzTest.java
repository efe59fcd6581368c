package turnout.gateway.edge.openinference;

import java.util.stream.Stream;
import turnout.testkit.FuzzSuite;
import turnout.testkit.Fuzzing;

/** What clients of the open inference protocol send is read or refused, whatever it is, at a price that fits its size. */
class FuzzTest implements FuzzSuite {
    @Override
    public Stream<Fuzzing> targets() {
        return Stream.of(
                new Fuzzing(InferBodies.class, InferBodies::fuzzerTestOneInput),
                new Fuzzing(InferMessages.class, InferMessages::fuzzerTestOneInput));
    }

    @Override
    public int rounds() {
        return 5_000;
    }
}

package turnout.gateway.edge.tfserving;

import java.util.stream.Stream;
import turnout.testkit.FuzzSuite;
import turnout.testkit.Fuzzing;

/** What clients of TensorFlow Serving's protocol send is read or refused, whatever it is, at a price that fits its size. */
class FuzzTest implements FuzzSuite {
    @Override
    public Stream<Fuzzing> targets() {
        return Stream.of(
                new Fuzzing(PredictBodies.class, PredictBodies::fuzzerTestOneInput),
                new Fuzzing(ExampleBodies.class, ExampleBodies::fuzzerTestOneInput),
                new Fuzzing(PredictMessages.class, PredictMessages::fuzzerTestOneInput),
                new Fuzzing(ExampleMessageBytes.class, ExampleMessageBytes::fuzzerTestOneInput),
                new Fuzzing(ReloadMessages.class, ReloadMessages::fuzzerTestOneInput));
    }

    @Override
    public int rounds() {
        return 5_000;
    }
}

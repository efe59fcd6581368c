package turnout.backend.onnx;

import java.util.stream.Stream;
import turnout.testkit.FuzzSuite;
import turnout.testkit.Fuzzing;

/** A model of somebody else is looked at, or refused, whatever its file is. */
class FuzzTest implements FuzzSuite {
    @Override
    public Stream<Fuzzing> targets() {
        return Stream.of(new Fuzzing(OnnxFiles.class, OnnxFiles::fuzzerTestOneInput));
    }

    @Override
    public int rounds() {
        return 1_500;
    }
}

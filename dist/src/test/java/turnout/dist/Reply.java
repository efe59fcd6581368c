package turnout.dist;

import java.util.Map;
import turnout.spi.Tensor;

/**
 * An answer, whichever door it came through.
 *
 * @param version that gave it, in the words of the door
 * @param header the same in Turnout's own header
 */
record Reply(String version, String header, Map<String, Tensor> outputs) {
    Tensor output(String name) {
        Tensor tensor = outputs.get(name);
        if (tensor == null) {
            throw new AssertionError("no output " + name + " among " + outputs.keySet());
        }
        return tensor;
    }
}

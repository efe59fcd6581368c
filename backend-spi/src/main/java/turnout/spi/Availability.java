package turnout.spi;

import java.util.Optional;

/**
 * Whether a provider can work here.
 *
 * @param problem why not, in a sentence for the operator ("no disk space to unpack 652 MB in ..."); empty when it can
 */
public record Availability(Optional<String> problem) {
    /** It can. */
    public static final Availability OK = new Availability(Optional.empty());

    /** It cannot, for that reason. */
    public static Availability because(String problem) {
        return new Availability(Optional.of(problem));
    }

    /** Whether it can. */
    public boolean isOk() {
        return problem.isEmpty();
    }
}

package turnout.gateway.plugin;

import java.util.List;
import java.util.Optional;
import turnout.spi.Availability;
import turnout.spi.BackendProvider;

/**
 * One plugin as found, whether it works or not.
 *
 * @param id from its manifest, else its file's name
 * @param version from its manifest, empty if it does not say
 * @param backends what it provides
 * @param problem why nothing of it can be used
 * @param warnings sentences for the operator
 */
public record Plugin(
        String id, String version, List<Provided> backends, Optional<String> problem, List<String> warnings) {
    public Plugin {
        backends = List.copyOf(backends);
        warnings = List.copyOf(warnings);
    }

    /**
     * One backend of a plugin.
     *
     * @param platform what it serves
     * @param provider the way into it
     * @param availability whether it can be used here, and why not
     */
    public record Provided(String platform, BackendProvider provider, Availability availability) {}
}

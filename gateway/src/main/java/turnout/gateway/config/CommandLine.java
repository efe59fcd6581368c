package turnout.gateway.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.edge.EdgeConfig.Address;

/**
 * What the command line says instead of the file. Paths are relative to where the command was given.
 *
 * @param listen as written, empty to leave the file's
 * @param admin as written, null to leave the file's
 * @param models null to leave the file's
 * @param plugins null to leave the file's
 */
public record CommandLine(
        List<String> listen,
        @Nullable String admin,
        @Nullable Path models,
        @Nullable Path plugins) {
    /** One that says nothing. */
    public static final CommandLine NONE = new CommandLine(List.of(), null, null, null);

    public CommandLine {
        listen = List.copyOf(listen);
    }

    /** @throws ConfigException naming the option */
    Optional<List<Address>> listenAddresses() {
        if (listen.isEmpty()) {
            return Optional.empty();
        }
        List<Address> addresses = new ArrayList<>();
        Set<Address> seen = new HashSet<>();
        for (String text : listen) {
            Address address = Quantities.address(text)
                    .orElseThrow(() -> wrong("--listen", "an address like 127.0.0.1:8500 or :8501", text));
            if (!seen.add(address) && address.port() != 0) {
                throw new ConfigException("--listen", 0, "", address + " is given twice");
            }
            addresses.add(address);
        }
        return Optional.of(addresses);
    }

    /** The admin address as a list of one, none for off; empty to leave the file's. */
    Optional<List<Address>> adminAddresses() {
        if (admin == null) {
            return Optional.empty();
        }
        return Optional.of(addressOrOff(admin)
                .orElseThrow(() -> wrong("--admin", "an address like 127.0.0.1:8502, or off", admin)));
    }

    /** A list of one address, or of none for {@code off}. */
    static Optional<List<Address>> addressOrOff(String text) {
        return text.equals("off")
                ? Optional.of(List.of())
                : Quantities.address(text).map(List::of);
    }

    private static ConfigException wrong(String option, String expected, String text) {
        return new ConfigException(option, 0, "", "expected " + expected + ", got \"" + text + "\"");
    }
}

package turnout.gateway.config;

import java.util.Map;
import java.util.function.Consumer;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.spi.OptionException;
import turnout.spi.Options;

/**
 * The options of backends that hold for all models. They are read before the backends are known, and checked afterwards.
 *
 * @param file where they stand, as it is shown to the operator
 * @param sections by platform
 * @param lines by full key
 */
public record SharedOptions(String file, Map<String, ModelConfig.Section> sections, Map<String, Integer> lines) {
    static final String KEY = "backends";

    public SharedOptions {
        sections = Map.copyOf(sections);
        lines = Map.copyOf(lines);
    }

    /**
     * Checks them.
     *
     * @param backends by platform: who checks a backend's section, by throwing {@link OptionException}
     * @throws ConfigException naming file, line and key
     */
    public void check(Map<String, Consumer<Options>> backends) {
        sections.forEach((platform, section) -> {
            Consumer<Options> check = backends.get(platform);
            if (check == null) {
                throw wrong(
                        section.name(),
                        section.name(),
                        "no such backend; there are: "
                                + String.join(
                                        ", ",
                                        backends.keySet().stream().sorted().toList()));
            }
            try {
                check.accept(section.options());
            } catch (OptionException e) {
                throw wrong(section.name(), e.key(), ModelFile.problem(e));
            }
        });
    }

    /** A key that is missing has no line: its section's line is the nearest. */
    private ConfigException wrong(String section, String key, String problem) {
        int line = lines.getOrDefault(KEY + "." + key, lines.getOrDefault(KEY + "." + section, 0));
        return new ConfigException(file, line, KEY + "." + key, problem);
    }
}

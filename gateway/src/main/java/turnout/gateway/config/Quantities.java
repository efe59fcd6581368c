package turnout.gateway.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import turnout.gateway.edge.EdgeConfig.Address;

/** Texts with a unit: sizes, durations, addresses. Each gives nothing where the text makes no sense. */
final class Quantities {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,15})([A-Za-z]*)");
    private static final Map<String, Long> SIZES = Map.of(
            "", 1L,
            "B", 1L,
            "KiB", 1L << 10,
            "MiB", 1L << 20,
            "GiB", 1L << 30,
            "TiB", 1L << 40);
    private static final Map<String, Duration> TIMES = Map.of(
            "us", Duration.ofNanos(1000),
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]*");

    private Quantities() {}

    /** {@code 64MiB}, {@code 1GiB}, {@code 512} (bytes). */
    static Optional<Long> bytes(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        // 64MB may mean two things: better to ask than to guess, so powers of ten are not among the units.
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Long unit = SIZES.get(matcher.group(2));
        long number = Long.parseLong(matcher.group(1));
        return unit == null || number > Long.MAX_VALUE / unit ? Optional.empty() : Optional.of(number * unit);
    }

    /** {@code 30s}, {@code 0ms}, {@code 10m}; a bare 0 needs no unit. */
    static Optional<Duration> duration(String text) {
        if (text.equals("0")) {
            return Optional.of(Duration.ZERO);
        }
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        Duration unit = matcher.matches() ? TIMES.get(matcher.group(2)) : null;
        if (unit == null
                || Long.parseLong(matcher.group(1)) > Duration.ofDays(36_500).dividedBy(unit)) {
            return Optional.empty();
        }
        return Optional.of(unit.multipliedBy(Long.parseLong(matcher.group(1))));
    }

    /** {@code 127.0.0.1:8500}, {@code :8501}, {@code [::1]:80}. */
    static Optional<Address> address(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
            return host.matches("[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")
                    ? Optional.of(new Address(host, Integer.parseInt(port)))
                    : Optional.empty();
        }
        return HOST.matcher(host).matches() ? Optional.of(new Address(host, Integer.parseInt(port))) : Optional.empty();
    }
}

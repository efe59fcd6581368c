package turnout.gateway.plugin;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Versions of the SPI that a plugin was made for: {@code 1}, {@code 1.2} (that major) or {@code [1,3)}.
 *
 * @param least first major that fits
 * @param beyond first major that does not fit any more
 */
record SpiRange(int least, int beyond) {
    private static final Pattern SINGLE = Pattern.compile("([0-9]{1,6})(?:\\.[0-9.]*)?");
    private static final Pattern RANGE =
            Pattern.compile("\\[\\s*([0-9]{1,6})(?:\\.[0-9.]*)?\\s*,\\s*([0-9]{1,6})(?:\\.[0-9.]*)?\\s*([)\\]])");

    /** Empty when the text is no range. */
    static Optional<SpiRange> parse(String text) {
        Matcher single = SINGLE.matcher(text.strip());
        if (single.matches()) {
            int major = Integer.parseInt(single.group(1));
            return Optional.of(new SpiRange(major, major + 1));
        }
        Matcher range = RANGE.matcher(text.strip());
        if (range.matches()) {
            int least = Integer.parseInt(range.group(1));
            int end = Integer.parseInt(range.group(2));
            return Optional.of(new SpiRange(least, range.group(3).equals("]") ? end + 1 : end));
        }
        return Optional.empty();
    }

    boolean holds(int major) {
        return major >= least && major < beyond;
    }
}

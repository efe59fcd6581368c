package turnout.gateway.lifecycle;

import java.util.SortedSet;

/** Which of the versions that exist should be served. */
public sealed interface VersionChoice {
    /** The highest {@code count}. */
    record Latest(int count) implements VersionChoice {
        public Latest {
            if (count < 1) {
                throw new IllegalArgumentException("versions.latest must be at least 1, was " + count);
            }
        }
    }

    /** All of them. */
    record All() implements VersionChoice {}

    /** These. */
    record Specific(SortedSet<Long> numbers) implements VersionChoice {}

    /** The highest one. */
    VersionChoice LATEST = new Latest(1);
}

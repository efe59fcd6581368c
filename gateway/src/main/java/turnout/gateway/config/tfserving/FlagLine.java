package turnout.gateway.config.tfserving;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.NearestKey;

/** A command line of flags, each checked to be what its kind wants. Of a flag that is given twice the last one counts. */
final class FlagLine {
    private final Map<Flag, String> given = new EnumMap<>(Flag.class);

    private FlagLine() {}

    /**
     * Takes it apart. That the last one counts is what scripts rely on which add their caller's flags to their own.
     *
     * @throws ConfigException naming the flag
     */
    static FlagLine parse(List<String> words) {
        FlagLine line = new FlagLine();
        Deque<String> rest = new ArrayDeque<>(words);
        while (!rest.isEmpty()) {
            line.take(rest.removeFirst(), rest);
        }
        line.given.forEach(FlagLine::refuseUnsupported);
        return line;
    }

    private void take(String word, Deque<String> rest) {
        if (!word.startsWith("--")) {
            throw new ConfigException(word, 0, "", "expected flags like --port=8500 only");
        }
        int equals = word.indexOf('=');
        String name = word.substring(2, equals < 0 ? word.length() : equals);
        Optional<Flag> known = Flag.named(name);
        if (known.isPresent()) {
            Flag flag = known.get();
            put(flag, equals >= 0 ? word.substring(equals + 1) : following(flag, rest));
            return;
        }
        Optional<Flag> negated = name.startsWith("no") ? Flag.named(name.substring(2)) : Optional.empty();
        if (negated.isPresent() && negated.get().kind() == Flag.Kind.SWITCH && equals < 0) {
            put(negated.get(), "false");
            return;
        }
        throw new ConfigException(
                "--" + name,
                0,
                "",
                "unknown flag; "
                        + NearestKey.of(name, Flag.words())
                                .map(near -> "did you mean --" + near + "?")
                                .orElse("turnout tfserving --help lists those that are known"));
    }

    /** The value that stands in a word of its own; a switch takes one only where it can be nothing else. */
    private static String following(Flag flag, Deque<String> rest) {
        String next = rest.peekFirst();
        if (flag.kind() == Flag.Kind.SWITCH) {
            return next != null && isTruth(next) && !next.matches("[01]") ? rest.removeFirst() : "true";
        }
        if (next == null) {
            throw wrong(flag, "needs a value: " + flag.kind().expected());
        }
        return rest.removeFirst();
    }

    private void put(Flag flag, String value) {
        boolean fits =
                switch (flag.kind()) {
                    case SWITCH -> isTruth(value);
                    case NUMBER -> value.matches("-?[0-9]{1,18}");
                    case DECIMAL -> value.matches("-?[0-9]{1,9}(\\.[0-9]{0,9})?");
                    case TEXT -> value.indexOf('\0') < 0;
                };
        if (!fits) {
            throw wrong(flag, "expected " + flag.kind().expected() + ", got \"" + value + "\"");
        }
        given.put(
                flag,
                flag.kind() == Flag.Kind.SWITCH
                        ? String.valueOf(value.equals("1") || value.equalsIgnoreCase("true"))
                        : value);
    }

    private static boolean isTruth(String text) {
        return text.toLowerCase(Locale.ROOT).matches("true|false|0|1");
    }

    private static void refuseUnsupported(Flag flag, String value) {
        if (flag.use() == Flag.Use.REFUSED && !isAbsent(flag, value)) {
            throw wrong(flag, "is not supported: " + flag.note());
        }
    }

    private static boolean isAbsent(Flag flag, String value) {
        return flag.kind() == Flag.Kind.DECIMAL
                ? new BigDecimal(value).compareTo(new BigDecimal(flag.absent())) == 0
                : value.equals(flag.absent());
    }

    /** One sentence for each flag that was given and changes nothing. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        given.forEach((flag, value) -> {
            if (flag.use() == Flag.Use.NO_EFFECT && !isAbsent(flag, value)) {
                warnings.add(flag + " has no effect: " + flag.note());
            }
        });
        return warnings;
    }

    boolean has(Flag flag) {
        return given.containsKey(flag);
    }

    /** The value as it is written; a flag that is given as an empty text counts as not given. */
    Optional<String> text(Flag flag) {
        return Optional.of(given.getOrDefault(flag, flag.absent())).filter(text -> !text.isEmpty());
    }

    boolean isOn(Flag flag) {
        return given.getOrDefault(flag, flag.absent()).equals("true");
    }

    /** @throws ConfigException when it is out of bounds */
    long number(Flag flag, long least, long most) {
        long number = Long.parseLong(given.getOrDefault(flag, flag.absent()));
        if (number < least || number > most) {
            throw wrong(flag, "must be between " + least + " and " + most + ", was " + number);
        }
        return number;
    }

    static ConfigException wrong(Flag flag, String problem) {
        return new ConfigException(flag.toString(), 0, "", problem);
    }
}

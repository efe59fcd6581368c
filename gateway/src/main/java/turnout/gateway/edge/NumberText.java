package turnout.gateway.edge;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import ch.randelshofer.fastdoubleparser.JavaFloatParser;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The numbers in JSON text: passes over long lists of them and reads them, eight digits at a step. Both dialects spend most of a large
 * body here.
 *
 * <p>By hand, for speed ({@code NumberBenchmark}); the library still decides wherever one multiplication in double precision leaves a
 * doubt. Holds the number read last: one per reading.
 */
public final class NumberText {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int NONE = -1;

    /** Longer ones are left to those who know the limit. */
    private static final int LONGEST_PLAIN = 256;

    /** What can take one digit more, or eight, within a long. */
    private static final long ROOM_FOR_DIGIT = Long.MAX_VALUE / 10 - 1;

    private static final long ROOM_FOR_WORD = Long.MAX_VALUE / 100_000_000 - 1;

    /** Powers of ten up to this one are exact in a double, and so are whole numbers up to {@link #EXACT_WHOLE}. */
    private static final int EXACT_POWER = 22;

    private static final long EXACT_WHOLE = 1L << 53;

    private static final int HIGHEST_POWER = 64;

    /** Ten to the powers from minus {@link #HIGHEST_POWER} up, as near as a double comes. */
    private static final double[] POWERS = new double[2 * HIGHEST_POWER + 1];

    /**
     * A rounded whole number times a rounded power of ten, rounded, is off by less than four units in its last place. A float drops the
     * last 29 bits of it; only in the middle between two floats does it matter where exactly the number lies.
     */
    private static final long DOUBT = 4;

    private static final long DROPPED_BITS = (1L << 29) - 1;
    private static final long MIDDLE = 1L << 28;

    static {
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = Double.parseDouble("1e" + (i - HIGHEST_POWER));
        }
    }

    private final byte[] text;
    private final int end;
    private int passed;
    private int position;

    // The number read last: digits * 10^power with that sign, unless it has more digits than are kept.
    private int from;
    private int to;
    private boolean isNegative;
    private boolean isKept;
    private long digits;
    private int power;

    /**
     * @param end where the text ends
     */
    public NumberText(byte[] text, int end) {
        this.text = text;
        this.end = end;
    }

    /** How many numbers were passed in all. */
    public int passed() {
        return passed;
    }

    /** Whether a number that starts with that byte is worth a try. */
    public static boolean mayStart(byte b) {
        return isDigit(b) || b == '-';
    }

    /**
     * Passes numbers without exponent and the commas between them. What is not as plain as that, a mistake above all, is left to a more
     * careful reader.
     *
     * @param at where a number may start
     * @return where the last number ended, {@code at} if there was none
     */
    public int passList(int at) {
        return pass(at, false);
    }

    /** As {@link #passList}, in a list that is an element of a list: what follows {@code ],[} is passed as well. */
    public int passLists(int at) {
        return pass(at, true);
    }

    private int pass(int at, boolean overBrackets) {
        int last = at;
        int next = at;
        int count = 0;
        while (next != NONE) {
            int stop = plainEnd(next);
            if (stop == NONE) {
                break;
            }
            count++;
            last = stop;
            next = nextInList(stop);
            if (next == NONE && overBrackets) {
                next = nextOverBrackets(stop);
            }
        }
        passed += count;
        return last;
    }

    private int plainEnd(int start) {
        int whole = start < end && text[start] == '-' ? start + 1 : start;
        int at = fewDigitsEnd(whole);
        if (at == whole || (text[whole] == '0' && at > whole + 1)) {
            return NONE;
        }
        if (at < end && text[at] == '.') {
            int fraction = at + 1;
            at = digitsEnd(fraction);
            if (at == fraction) {
                return NONE;
            }
        }
        return at >= end || !endsPlainly(text[at]) || at - start > LONGEST_PLAIN ? NONE : at;
    }

    private static boolean endsPlainly(byte b) {
        return b == ',' || b == ']' || isBlank(b);
    }

    /** Where the value behind the comma starts that stands there. */
    private int nextInList(int at) {
        if (at + 2 < end && text[at] == ',' && text[at + 2] > ' ') {
            // None or one blank, nearly always.
            return text[at + 1] > ' ' ? at + 1 : blanksEnd(at + 1);
        }
        int sign = blanksEnd(at);
        return sign < end && text[sign] == ',' ? blanksEnd(sign + 1) : NONE;
    }

    private int nextOverBrackets(int at) {
        int sign = blanksEnd(at);
        if (sign >= end || text[sign] != ']') {
            return NONE;
        }
        int bracket = nextInList(sign + 1);
        return bracket != NONE && bracket < end && text[bracket] == '[' ? blanksEnd(bracket + 1) : NONE;
    }

    /** Whole words, while there are any; what is left byte by byte, as the processor guesses better than it counts. */
    private int digitsEnd(int start) {
        int at = start;
        while (at + Long.BYTES <= end && others(word(at)) == 0) {
            at += Long.BYTES;
        }
        return fewDigitsEnd(at);
    }

    private int fewDigitsEnd(int start) {
        int at = start;
        while (at < end && isDigit(text[at])) {
            at++;
        }
        return at;
    }

    private int blanksEnd(int start) {
        int at = start;
        while (at < end && isBlank(text[at])) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\t' || b == '\r';
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Eight bytes less {@code '0'}, the first one lowest; digits are below ten. */
    private long word(int at) {
        return (long) WORDS.get(text, at) ^ 0x3030_3030_3030_3030L;
    }

    /** Marks the bytes of a word that are no digits. The mark of one may disturb those of bytes behind it. */
    private static long others(long word) {
        return ((word + 0x7676_7676_7676_7676L) | word) & 0x8080_8080_8080_8080L;
    }

    /** The number that a word of digits stands for. */
    private static long number(long word) {
        long pairs = word * 10 + (word >>> 8);
        return ((pairs & 0x0000_00FF_0000_00FFL) * 0x000F_4240_0000_0064L
                        + ((pairs >>> 16) & 0x0000_00FF_0000_00FFL) * 0x0000_2710_0000_0001L)
                >>> 32;
    }

    /**
     * Reads floats from a list whose grammar was checked before, up to one that takes more thought: one with an exponent or many digits,
     * minus zero, a word, one that lies near the middle between two floats. All in one loop: nearly all of a large body is read here.
     *
     * @param start where a number stands, or something else
     * @param into gets the floats, least significant byte first, from the index {@code offset}
     * @param most how many there may be
     * @return how many there were; {@link #position} is where the last one ended, or {@code start}
     */
    public int readFloats(int start, byte[] into, int offset, int most) {
        int count = 0;
        int target = offset;
        position = start;
        int at = start;
        while (count < most && at >= 0 && at < end) {
            boolean isBelow = text[at] == '-';
            int whole = isBelow ? at + 1 : at;
            long value = 0;
            int stop = whole;
            while (stop < end && isDigit(text[stop])) {
                value = value * 10 + text[stop] - '0';
                stop++;
            }
            int first = text[whole] == '0' ? stop : whole;
            int point = stop;
            int scale = 0;
            if (stop < end && text[stop] == '.') {
                stop++;
                while (stop + Long.BYTES <= end) {
                    long word = word(stop);
                    if (others(word) != 0) {
                        break;
                    }
                    value = value * 100_000_000 + number(word);
                    stop += Long.BYTES;
                }
                while (stop < end && isDigit(text[stop])) {
                    value = value * 10 + text[stop] - '0';
                    stop++;
                }
                scale = stop - point - 1;
            }
            int kept = stop - first - (stop > point ? 1 : 0);
            // Nineteen digits fit an unsigned long, and a sign shows those that do not fit a signed one.
            if (kept > 19 || value <= 0 || (stop < end && (text[stop] | 0x20) == 'e')) {
                break;
            }
            double near = value * POWERS[HIGHEST_POWER - scale];
            if (isDoubtful(near)) {
                break;
            }
            FLOATS.set(into, target, (float) (isBelow ? -near : near));
            target += Float.BYTES;
            count++;
            position = stop;
            at = nextInList(stop);
        }
        return count;
    }

    /** Where the float ended that {@link #readFloats} read last. */
    public int position() {
        return position;
    }

    /** Whether an error in the last places could decide which float is nearest. */
    private static boolean isDoubtful(double near) {
        long dropped = Double.doubleToRawLongBits(near) & DROPPED_BITS;
        return Math.abs(dropped - MIDDLE) <= DOUBT || near < Float.MIN_NORMAL;
    }

    /** Reads the number there, whose grammar was checked before. Returns where it ends. */
    public int read(int start) {
        from = start;
        isNegative = text[start] == '-';
        isKept = true;
        digits = 0;
        power = 0;
        int at = takeFew(isNegative ? start + 1 : start);
        if (at < end && text[at] == '.') {
            int fraction = at + 1;
            at = take(fraction);
            power = fraction - at;
        }
        if (at < end && (text[at] | 0x20) == 'e') {
            at = exponent(at + 1);
        }
        to = at;
        return at;
    }

    private int take(int start) {
        int at = start;
        while (at + Long.BYTES <= end) {
            long word = word(at);
            if (others(word) != 0) {
                break;
            }
            isKept &= digits <= ROOM_FOR_WORD;
            digits = digits * 100_000_000 + number(word);
            at += Long.BYTES;
        }
        return takeFew(at);
    }

    private int takeFew(int start) {
        int at = start;
        long value = digits;
        boolean fits = true;
        while (at < end && isDigit(text[at])) {
            fits &= value <= ROOM_FOR_DIGIT;
            value = value * 10 + text[at] - '0';
            at++;
        }
        digits = value;
        isKept &= fits;
        return at;
    }

    private int exponent(int start) {
        boolean isBelow = text[start] == '-';
        int at = isBelow || text[start] == '+' ? start + 1 : start;
        int value = 0;
        while (at < end && isDigit(text[at])) {
            // Three digits say all that matters here.
            value = Math.min(value * 10 + text[at] - '0', 1000);
            at++;
        }
        power += isBelow ? -value : value;
        return at;
    }

    /** Whether the number read last is minus zero without a fraction. */
    public boolean isWholeMinusZero() {
        return isNegative && to - from == 2 && digits == 0;
    }

    /** The number read last, rounded once. */
    public float toFloat() {
        if (isKept && digits == 0) {
            return isNegative ? -0f : 0f;
        }
        if (isKept && Math.abs(power) <= HIGHEST_POWER) {
            double near = digits * POWERS[power + HIGHEST_POWER];
            if (!isDoubtful(near)) {
                return (float) (isNegative ? -near : near);
            }
        }
        return JavaFloatParser.parseFloat(text, from, to - from);
    }

    /** The number read last, rounded once. */
    public double toDouble() {
        if (isKept && digits <= EXACT_WHOLE && Math.abs(power) <= EXACT_POWER) {
            double ten = POWERS[Math.abs(power) + HIGHEST_POWER];
            double value = power < 0 ? digits / ten : digits * ten;
            return isNegative ? -value : value;
        }
        return JavaDoubleParser.parseDouble(text, from, to - from);
    }
}

package turnout.gateway.observe;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.concurrent.atomic.LongAdder;

/** Counts of values by exponential buckets, with the sum. Safe for any thread. */
final class ServingHistogram {
    /** Times in microseconds: up to some minutes. */
    static final Bounds MICROS = Bounds.exponential(10, 1.8, 33);
    /** Rows of a batch. */
    static final Bounds ROWS = Bounds.exponential(1, 2, 14);
    /** Examples of a request. */
    static final Bounds EXAMPLES = Bounds.exponential(1, 2, 15);

    private final Bounds bounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    ServingHistogram(Bounds bounds) {
        this.bounds = bounds;
        this.counts = new LongAdder[bounds.limits.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    void record(long value) {
        int bucket = 0;
        while (bucket < bounds.limits.length && value > bounds.limits[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(value);
    }

    /** @param labels without braces */
    void write(String name, String labels, StringBuilder text) {
        long seen = 0;
        String separator = labels.isEmpty() ? "" : ",";
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i].sum();
            String limit = i < bounds.texts.length ? bounds.texts[i] : "+Inf";
            text.append(name).append("_bucket{").append(labels).append(separator);
            text.append("le=\"").append(limit).append("\"} ").append(seen).append('\n');
        }
        String braces = labels.isEmpty() ? "" : "{" + labels + "}";
        text.append(name)
                .append("_sum")
                .append(braces)
                .append(' ')
                .append(sum.sum())
                .append('\n');
        text.append(name)
                .append("_count")
                .append(braces)
                .append(' ')
                .append(seen)
                .append('\n');
    }

    /** Upper limits of buckets; above the last is one more. */
    static final class Bounds {
        private static final MathContext SIX_DIGITS = new MathContext(6);

        private final double[] limits;
        private final String[] texts;

        private Bounds(double[] limits) {
            this.limits = limits;
            this.texts = new String[limits.length];
            for (int i = 0; i < limits.length; i++) {
                texts[i] = sixDigits(limits[i]);
            }
        }

        /** {@code first}, {@code first * factor}, … */
        static Bounds exponential(double first, double factor, int count) {
            double[] limits = new double[count];
            double limit = first;
            for (int i = 0; i < count; i++, limit *= factor) {
                limits[i] = limit;
            }
            return new Bounds(limits);
        }

        /** As C's {@code %g} prints it, which is how existing queries spell the limits. */
        private static String sixDigits(double limit) {
            BigDecimal rounded = new BigDecimal(limit).round(SIX_DIGITS).stripTrailingZeros();
            int exponent = rounded.precision() - rounded.scale() - 1;
            if (exponent < 6) {
                return rounded.toPlainString();
            }
            String mantissa =
                    rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString();
            return mantissa + "e+" + (exponent < 10 ? "0" : "") + exponent;
        }
    }
}

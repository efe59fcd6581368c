package turnout.gateway.lifecycle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import turnout.spi.DataType;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/**
 * Proves that a signature's rows do not depend on their neighbours: runs a, b and both joined, and compares. A model whose first axis is
 * not instances (tokens of one sentence, say) would be corrupted by joining.
 */
final class JoinProof {
    private static final int ROWS_OF_A = 2;
    private static final int ROWS_OF_B = 3;
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-5;
    /** Half precision keeps 10 (bfloat16: 7) bits, and batches of another size may add in another order. */
    private static final double RELATIVE_HALF = 2e-2;

    private JoinProof() {}

    /** Why calls must not be joined, empty if they may be. */
    static Optional<String> objection(TrialRun trial, Signature signature, SyntheticInputs recipe) {
        Optional<Map<String, Tensor>> a = TrialRun.inputs(signature, recipe, ROWS_OF_A, 1);
        Optional<Map<String, Tensor>> b = TrialRun.inputs(signature, recipe, ROWS_OF_B, 2);
        if (a.isEmpty() || b.isEmpty()) {
            return Optional.of("no request of several rows could be made up");
        }
        try {
            Map<String, Tensor> first = trial.run(signature, a.get());
            Map<String, Tensor> second = trial.run(signature, b.get());
            Map<String, Tensor> both = trial.run(signature, TrialRun.joined(a.get(), b.get()));
            return compare(first, second, both);
        } catch (InferenceException e) {
            if (Warmup.isDead(e)) {
                throw e;
            }
            return Optional.of("a made-up request of several rows failed: " + e.getMessage());
        }
    }

    private static Optional<String> compare(
            Map<String, Tensor> first, Map<String, Tensor> second, Map<String, Tensor> both) {
        for (Map.Entry<String, Tensor> entry : both.entrySet()) {
            String output = entry.getKey();
            Tensor a = first.get(output);
            Tensor b = second.get(output);
            Tensor joined = entry.getValue();
            if (a == null
                    || b == null
                    || a.shape().length == 0
                    || b.shape().length == 0
                    || joined.shape().length == 0) {
                return Optional.of("output " + output + " has no axis of rows");
            }
            if (a.rows() != ROWS_OF_A || b.rows() != ROWS_OF_B || joined.rows() != ROWS_OF_A + ROWS_OF_B) {
                return Optional.of("output " + output + " has not one row for each row of input");
            }
            if (!agree(a, TrialRun.rows(joined, 0, ROWS_OF_A))
                    || !agree(b, TrialRun.rows(joined, ROWS_OF_A, ROWS_OF_B))) {
                return Optional.of("rows of output " + output + " change when calls are joined");
            }
        }
        return Optional.empty();
    }

    private static boolean agree(Tensor alone, ByteBuffer rows) {
        ByteBuffer expected = alone.data();
        ByteBuffer actual = rows.order(ByteOrder.LITTLE_ENDIAN);
        if (expected.remaining() != actual.remaining()) {
            return false;
        }
        DataType type = alone.type();
        boolean isFloat =
                type == DataType.FP16 || type == DataType.BF16 || type == DataType.FP32 || type == DataType.FP64;
        if (!isFloat) {
            return expected.equals(actual);
        }
        while (expected.hasRemaining()) {
            if (!close(number(type, expected), number(type, actual), type)) {
                return false;
            }
        }
        return true;
    }

    private static boolean close(double a, double b, DataType type) {
        if (Double.isNaN(a) || Double.isInfinite(a)) {
            return Double.compare(a, b) == 0;
        }
        double relative = type.width() == 2 ? RELATIVE_HALF : RELATIVE;
        return Math.abs(a - b) <= ABSOLUTE + relative * Math.max(Math.abs(a), Math.abs(b));
    }

    private static double number(DataType type, ByteBuffer data) {
        return switch (type) {
            case FP32 -> data.getFloat();
            case FP64 -> data.getDouble();
            case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
            case FP16 -> half(data.getShort());
            default -> throw new AssertionError(type);
        };
    }

    private static double half(short bits) {
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude = exponent == 0
                ? Math.scalb((double) fraction, -24)
                : exponent == 31
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : Math.scalb(1024.0 + fraction, exponent - 25);
        return bits < 0 ? -magnitude : magnitude;
    }
}

package turnout.gateway.edge.openinference;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import turnout.spi.DataType;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/** The classification extension: instead of a tensor, the best {@code k} elements of each row as {@code value:index}. */
final class Classification {
    private static final int MOST_ELEMENTS = 1_000_000;
    private static final int DECIMALS = 6;

    private Classification() {}

    /**
     * The best of each row, best first; a tensor of rank 0 or 1 is one row.
     *
     * @param count how many; where a row has fewer, all of it
     */
    static Tensor best(String output, Tensor tensor, int count) {
        DataType type = tensor.type();
        if (type == DataType.FP16 || type == DataType.BF16 || type == DataType.BYTES) {
            throw Asked.malformed("class result not available for output due to unsupported type '" + type + "'");
        }
        if (tensor.elements() > MOST_ELEMENTS) {
            throw Asked.malformed("output '" + Asked.shown(output) + "' has " + tensor.elements()
                    + " elements, classification is limited to " + MOST_ELEMENTS);
        }
        boolean hasRows = tensor.shape().length > 1;
        int rows = hasRows ? (int) tensor.shape()[0] : 1;
        int width = rows == 0 ? 0 : (int) tensor.elements() / rows;
        int kept = Math.min(count, width);
        List<byte[]> labels = new ArrayList<>(rows * kept);
        Values values = new Values(type, tensor.data());
        for (int row = 0; row < rows; row++) {
            for (int index : best(values, row * width, width, kept)) {
                labels.add((values.text(row * width + index) + ":" + index).getBytes(StandardCharsets.UTF_8));
            }
        }
        long[] shape = hasRows ? new long[] {rows, kept} : new long[] {kept};
        return new Tensor(DataType.BYTES, shape, StringElements.write(labels));
    }

    /** Indexes within the row, best first, equal ones in their order. */
    private static List<Integer> best(Values values, int from, int width, int kept) {
        Comparator<Integer> worstFirst = (a, b) -> {
            int byValue = values.compare(from + a, from + b);
            return byValue != 0 ? byValue : Integer.compare(b, a);
        };
        PriorityQueue<Integer> best = new PriorityQueue<>(Math.max(1, kept), worstFirst);
        for (int i = 0; i < width && kept > 0; i++) {
            if (best.size() == kept) {
                Integer worst = best.peek();
                if (worst != null && worstFirst.compare(i, worst) <= 0) {
                    continue;
                }
                best.poll();
            }
            best.add(i);
        }
        List<Integer> sorted = new ArrayList<>(best);
        sorted.sort(worstFirst.reversed());
        return sorted;
    }

    /** The elements of a tensor of numbers, by position. */
    private record Values(DataType type, ByteBuffer data) {
        int compare(int a, int b) {
            return switch (type) {
                case FP32, FP64 -> Double.compare(real(a), real(b));
                case UINT64 -> Long.compareUnsigned(whole(a), whole(b));
                default -> Long.compare(whole(a), whole(b));
            };
        }

        String text(int index) {
            return switch (type) {
                case FP32, FP64 -> decimals(real(index));
                case UINT64 -> Long.toUnsignedString(whole(index));
                default -> Long.toString(whole(index));
            };
        }

        private double real(int index) {
            return type == DataType.FP32 ? data.getFloat(index * Float.BYTES) : data.getDouble(index * Double.BYTES);
        }

        private long whole(int index) {
            return switch (type) {
                case BOOL, INT8 -> data.get(index);
                case UINT8 -> data.get(index) & 0xff;
                case INT16 -> data.getShort(index * Short.BYTES);
                case UINT16 -> data.getShort(index * Short.BYTES) & 0xffff;
                case INT32 -> data.getInt(index * Integer.BYTES);
                case UINT32 -> data.getInt(index * Integer.BYTES) & 0xffffffffL;
                case INT64, UINT64 -> data.getLong(index * Long.BYTES);
                case FP16, BF16, FP32, FP64, BYTES -> throw new IllegalStateException(type + " is no whole number");
            };
        }

        /** As C's {@code %f} writes it. */
        private static String decimals(double value) {
            if (Double.isNaN(value)) {
                return "nan";
            }
            if (Double.isInfinite(value)) {
                return value > 0 ? "inf" : "-inf";
            }
            String size = new BigDecimal(Math.abs(value))
                    .setScale(DECIMALS, RoundingMode.HALF_EVEN)
                    .toPlainString();
            return Math.copySign(1, value) < 0 ? "-" + size : size;
        }
    }
}

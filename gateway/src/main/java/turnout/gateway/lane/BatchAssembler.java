package turnout.gateway.lane;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.spi.Buffers;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/**
 * Joins the inputs of calls along axis 0 into native memory, and splits outputs into arrays of their own.
 *
 * <p>These are the two copies of a call. Both run on a device worker.
 */
final class BatchAssembler {
    private final Buffers buffers;
    private final long maxOutputBytes;

    BatchAssembler(Buffers buffers, long maxOutputBytes) {
        this.buffers = buffers;
        this.maxOutputBytes = maxOutputBytes;
    }

    /**
     * The inputs of all calls, one after the other, in leased buffers.
     *
     * @param calls inputs per call, with the same names, types and dimensions after axis 0 where there is more than one
     * @param padTo rows to fill up to with zeros, or fewer than there are
     */
    Joined join(List<Map<String, Tensor>> calls, long padTo) {
        List<Buffers.Lease> leases = new ArrayList<>();
        try {
            Map<String, Tensor> joined = new LinkedHashMap<>();
            for (String name : calls.get(0).keySet()) {
                joined.put(name, joinOne(name, calls, padTo, leases));
            }
            return new Joined(joined, leases);
        } catch (RuntimeException | Error e) {
            leases.forEach(Buffers.Lease::close);
            throw e;
        }
    }

    private Tensor joinOne(String name, List<Map<String, Tensor>> calls, long padTo, List<Buffers.Lease> leases) {
        Tensor first = tensor(calls.get(0), name);
        long bytes = 0;
        long rows = 0;
        for (Map<String, Tensor> call : calls) {
            Tensor tensor = tensor(call, name);
            bytes += tensor.byteSize();
            rows += tensor.rows();
        }
        long[] shape = first.shape().clone();
        int padding = 0;
        if (calls.size() > 1 || padTo > rows) {
            long padRows = Math.max(0, padTo - rows);
            shape[0] = rows + padRows;
            padding = padRows == 0 ? 0 : paddingBytes(first, padRows);
        }
        if (bytes + padding > Integer.MAX_VALUE) {
            throw new InferenceException(ErrorCode.OUT_OF_MEMORY, "a batch of more than 2 GiB cannot be joined");
        }
        Buffers.Lease lease = buffers.lease((int) bytes + padding);
        leases.add(lease);
        ByteBuffer target = lease.buffer();
        for (Map<String, Tensor> call : calls) {
            target.put(tensor(call, name).data());
        }
        while (target.hasRemaining()) {
            // The buffer may hold bytes of another call: padding must not show them.
            target.put((byte) 0);
        }
        return new Tensor(first.type(), shape, target.flip());
    }

    private static int paddingBytes(Tensor like, long rows) {
        long[] shape = like.shape().clone();
        shape[0] = rows;
        return Shapes.byteSize(like.type(), shape);
    }

    /**
     * The outputs of each call, copied to the heap.
     *
     * @param rows rows of each call, in order
     * @param ran rows that ran, padding included
     */
    List<Map<String, Tensor>> split(Map<String, Tensor> outputs, List<Long> rows, long ran) {
        List<Map<String, Tensor>> split = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            split.add(new LinkedHashMap<>());
        }
        long[] taken = new long[rows.size()];
        for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
            Tensor tensor = output.getValue();
            if (tensor.shape().length == 0 || tensor.shape()[0] != ran) {
                throw new InferenceException(
                        ErrorCode.MODEL_FAILED,
                        "output '" + output.getKey() + "' has shape " + Shapes.text(tensor.shape()) + " for a batch of "
                                + ran + " rows");
            }
            splitOne(output.getKey(), tensor, rows, split, taken);
        }
        return split;
    }

    /**
     * @param taken bytes that each call has taken so far; checked before anything is copied
     */
    private void splitOne(String name, Tensor tensor, List<Long> rows, List<Map<String, Tensor>> split, long[] taken) {
        ByteBuffer data = tensor.data();
        long perRow = tensor.rows() == 0 ? 0 : tensor.elements() / tensor.rows();
        for (int i = 0; i < rows.size(); i++) {
            long[] shape = tensor.shape().clone();
            shape[0] = rows.get(i);
            int bytes = tensor.type() == DataType.BYTES
                    ? StringElements.byteSize(data, perRow * rows.get(i))
                    : Shapes.byteSize(tensor.type(), shape);
            taken[i] += bytes;
            if (taken[i] > maxOutputBytes) {
                throw tooLarge(taken[i], maxOutputBytes);
            }
            split.get(i).put(name, new Tensor(tensor.type(), shape, copy(data, bytes)));
        }
    }

    /** The outputs of a call that ran by itself, copied to the heap. */
    Map<String, Tensor> copy(Map<String, Tensor> outputs) {
        check(outputs);
        Map<String, Tensor> copies = new LinkedHashMap<>();
        outputs.forEach((name, tensor) -> {
            ByteBuffer data = tensor.data();
            copies.put(name, new Tensor(tensor.type(), tensor.shape().clone(), copy(data, data.remaining())));
        });
        return copies;
    }

    private void check(Map<String, Tensor> outputs) {
        long bytes = outputs.values().stream().mapToLong(Tensor::byteSize).sum();
        if (bytes > maxOutputBytes) {
            throw tooLarge(bytes, maxOutputBytes);
        }
    }

    static InferenceException tooLarge(long bytes, long limit) {
        return new InferenceException(
                ErrorCode.OUT_OF_MEMORY, "the outputs take " + bytes + " bytes, the limit for this model is " + limit);
    }

    private static ByteBuffer copy(ByteBuffer data, int bytes) {
        byte[] copy = new byte[bytes];
        data.get(copy);
        return ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Tensor tensor(Map<String, Tensor> call, String name) {
        Tensor tensor = call.get(name);
        if (tensor == null) {
            throw new IllegalStateException("calls of one bucket have the same inputs");
        }
        return tensor;
    }

    /**
     * Joined inputs and the memory they lie in.
     *
     * @param inputs by name
     * @param leases to be closed when the run has returned
     */
    record Joined(Map<String, Tensor> inputs, List<Buffers.Lease> leases) {
        void release() {
            leases.forEach(Buffers.Lease::close);
        }
    }
}

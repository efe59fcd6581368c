package turnout.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.PredictionLog;

/** Records requests beside a version as TensorFlow Serving's tools do. */
final class WarmUpFile {
    private WarmUpFile() {}

    /** One predict of a single number under that input's name, so many times. */
    static void write(Path version, String input, int times) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setDtype(DataType.DT_FLOAT).addFloatVal(1);
        tensor.getTensorShapeBuilder().addDimBuilder().setSize(1);
        PredictionLog.Builder log = PredictionLog.newBuilder();
        log.getPredictLogBuilder().getRequestBuilder().putInputs(input, tensor.build());
        byte[] record = log.build().toByteArray();
        byte[] length = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(record.length)
                .array();
        ByteBuffer file = ByteBuffer.allocate(times * (record.length + 16)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < times; i++) {
            file.put(length).putInt(masked(length)).put(record).putInt(masked(record));
        }
        try {
            Path folder = Files.createDirectories(version.resolve("assets.extra"));
            Files.write(folder.resolve("tf_serving_warmup_requests"), file.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int masked(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        long value = sum.getValue();
        return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
    }
}

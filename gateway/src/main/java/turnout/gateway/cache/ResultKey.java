package turnout.gateway.cache;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
import turnout.spi.ModelVersion;
import turnout.spi.Shapes;
import turnout.spi.Tensor;

/**
 * Everything that an answer depends on. Two calls share a result only if all of it is equal.
 *
 * <p>The bytes of the inputs stand in as a 128-bit hash under a random seed of this process, so nobody can prepare a collision; names,
 * types, shapes and byte counts are compared as they are.
 *
 * @param version the version that answers
 * @param generation its load: a reload never sees the results of the one before
 * @param signature the signature's name
 * @param outputs the wanted outputs, in order
 * @param inputs name, type, shape and bytes of each input
 * @param parameters the caller's parameters that reach the model, by name
 * @param hash of all input bytes
 */
record ResultKey(
        ModelVersion version,
        long generation,
        String signature,
        List<String> outputs,
        List<Input> inputs,
        Map<String, Object> parameters,
        HashValue128 hash) {
    private static final int CHUNK_BYTES = 8 * 1024;

    /** Shape of one input, without its content. */
    record Input(String name, String typeAndShape, int bytes) {}

    static ResultKey of(Call call, long seed) {
        Bound bound = call.requireBound();
        HashStream128 stream = Hashing.xxh3_128(seed).hashStream();
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, Math.max(1, bound.bytes()))];
        for (Tensor tensor : bound.inputs().values()) {
            ByteBuffer data = tensor.data();
            while (data.hasRemaining()) {
                int length = Math.min(chunk.length, data.remaining());
                data.get(chunk, 0, length);
                stream.putBytes(chunk, 0, length);
            }
        }
        return new ResultKey(
                call.routed().version(),
                call.routed().generation(),
                bound.signature().name(),
                bound.outputs(),
                bound.inputs().entrySet().stream()
                        .map(input -> new Input(
                                input.getKey(),
                                input.getValue().type()
                                        + Shapes.text(input.getValue().shape()),
                                input.getValue().byteSize()))
                        .toList(),
                new TreeMap<>(call.envelope().parameters()),
                stream.get());
    }

    /** Bytes that the key itself takes in memory, roughly; parameters are the caller's own words and may be long. */
    long weight() {
        long words = 0;
        for (Map.Entry<String, Object> parameter : parameters.entrySet()) {
            words += 100 + 2L * parameter.getKey().length();
            if (parameter.getValue() instanceof String text) {
                words += 2L * text.length();
            }
        }
        return 200 + 100L * inputs.size() + 32L * outputs.size() + words;
    }
}

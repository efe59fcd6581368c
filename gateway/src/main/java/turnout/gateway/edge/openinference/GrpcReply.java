package turnout.gateway.edge.openinference;

import com.google.protobuf.CodedOutputStream;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Answer;
import turnout.protocol.openinference.ModelInferResponse;
import turnout.spi.Tensor;

/**
 * Writes an answer as a {@code ModelInferResponse}. Outputs are always raw: clients of the protocol read nothing else. Generated code
 * writes the small fields; the tensors' bytes are put behind them, copied once.
 */
final class GrpcReply {
    private static final int RAW_OUTPUT_CONTENTS = 6;
    private static final int LENGTH_DELIMITED = 2;

    private GrpcReply() {}

    static Buffer of(Answer answer, Asked asked, List<OutputAsk> asks) {
        ModelInferResponse.Builder head = ModelInferResponse.newBuilder()
                .setModelName(answer.version().model())
                .setModelVersion(Long.toString(answer.version().number()))
                .setId(asked.id());
        Map<String, OutputAsk> byName = new HashMap<>();
        asks.forEach(ask -> byName.put(ask.name(), ask));
        List<Tensor> tensors = new ArrayList<>();
        for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
            OutputAsk ask = byName.getOrDefault(output.getKey(), OutputAsk.plain(output.getKey()));
            Tensor tensor = ask.classes() > 0
                    ? Classification.best(ask.name(), output.getValue(), ask.classes())
                    : output.getValue();
            ModelInferResponse.InferOutputTensor.Builder entry = head.addOutputsBuilder()
                    .setName(output.getKey())
                    .setDatatype(tensor.type().name());
            for (long dim : tensor.shape()) {
                entry.addShape(dim);
            }
            tensors.add(tensor);
        }
        return joined(head.build().toByteArray(), tensors);
    }

    private static Buffer joined(byte[] head, List<Tensor> tensors) {
        int size = head.length;
        for (Tensor tensor : tensors) {
            int length = tensor.byteSize();
            size = Math.addExact(size, 1 + CodedOutputStream.computeUInt32SizeNoTag(length));
            size = Math.addExact(size, length);
        }
        Buffer out = Buffer.buffer(size).appendBytes(head);
        for (Tensor tensor : tensors) {
            out.appendByte((byte) (RAW_OUTPUT_CONTENTS << 3 | LENGTH_DELIMITED));
            int rest = tensor.byteSize();
            while (rest > 0x7f) {
                out.appendByte((byte) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.appendByte((byte) rest);
            out.setBytes(out.length(), tensor.data());
        }
        return out;
    }
}

package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import java.util.OptionalInt;
import turnout.gateway.call.Answer;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.PredictResponse;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/** Writes outputs as the message that answers a gRPC predict, in typed lists as TensorFlow Serving does. */
final class PredictReply {
    private PredictReply() {}

    static PredictResponse of(Answer answer) {
        PredictResponse.Builder response = PredictResponse.newBuilder().setModelSpec(ModelSpecs.answered(answer));
        answer.outputs().forEach((name, tensor) -> response.putOutputs(name, message(tensor)));
        return response.build();
    }

    private static TensorProto message(Tensor tensor) {
        OptionalInt field = packedField(tensor.type());
        if (field.isEmpty() || tensor.byteSize() == 0) {
            return TensorProtos.encodeLists(tensor);
        }
        // On the wire a packed list of these types is the tensor's own bytes: given as an unknown field, they are not
        // taken apart.
        ByteString packed = UnsafeByteOperations.unsafeWrap(tensor.data());
        UnknownFieldSet list = UnknownFieldSet.newBuilder()
                .addField(
                        field.getAsInt(),
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(packed)
                                .build())
                .build();
        return TensorProto.newBuilder()
                .setDtype(TensorProtos.wireType(tensor.type()))
                .setTensorShape(TensorProtos.shapeProto(tensor.shape()))
                .setUnknownFields(list)
                .build();
    }

    private static OptionalInt packedField(DataType type) {
        return switch (type) {
            case FP32 -> OptionalInt.of(TensorProto.FLOAT_VAL_FIELD_NUMBER);
            case FP64 -> OptionalInt.of(TensorProto.DOUBLE_VAL_FIELD_NUMBER);
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, BYTES ->
                OptionalInt.empty();
        };
    }
}

package turnout.backend.remote;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import turnout.protocol.codec.SignatureDefs;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tfserving.GetModelMetadataResponse;
import turnout.protocol.tfserving.SignatureDefMap;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;

/** Reads the signatures out of a metadata answer. */
final class RemoteSignatures {
    /** The metadata field that holds them. */
    static final String FIELD = "signature_def";

    private static final Logger LOG = System.getLogger(RemoteSignatures.class.getPackageName());
    // TensorFlow's own book-keeping, listed among a model's signatures.
    private static final String INIT_OP = "__saved_model_init_op";

    private RemoteSignatures() {}

    /**
     * The signatures that can be served, by name. One with a tensor that we do not carry is left out, for the others work.
     *
     * @throws InferenceException {@link ErrorCode#UNSUPPORTED} when none can be served, {@link ErrorCode#MODEL_FAILED} when the answer
     *     cannot be read
     */
    static Map<String, Signature> parse(byte[] answer) {
        Map<String, Signature> signatures = new LinkedHashMap<>();
        InferenceException refused = null;
        for (Map.Entry<String, SignatureDef> entry : defs(answer).entrySet()) {
            if (entry.getKey().equals(INIT_OP)) {
                continue;
            }
            try {
                signatures.put(entry.getKey(), SignatureDefs.decode(entry.getKey(), entry.getValue()));
            } catch (InferenceException e) {
                LOG.log(Level.WARNING, "left out: {0}", e.getMessage());
                refused = e;
            }
        }
        if (signatures.isEmpty()) {
            throw refused == null
                    ? new InferenceException(ErrorCode.MODEL_FAILED, "the remote model has no signatures")
                    : refused;
        }
        return Collections.unmodifiableMap(signatures);
    }

    private static Map<String, SignatureDef> defs(byte[] answer) {
        try {
            Any packed =
                    GetModelMetadataResponse.parseFrom(answer).getMetadataMap().get(FIELD);
            if (packed == null || !packed.is(SignatureDefMap.class)) {
                throw unreadable(null);
            }
            // On the wire they are a map without an order.
            return new TreeMap<>(packed.unpack(SignatureDefMap.class).getSignatureDefMap());
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
    }

    private static InferenceException unreadable(@Nullable Throwable cause) {
        return new InferenceException(
                ErrorCode.MODEL_FAILED, "the remote server's metadata holds no readable signatures", cause);
    }
}

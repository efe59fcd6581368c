package turnout.protocol.codec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tensorflow.TensorInfo;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** Converts signatures between TensorFlow's message and the SPI's record. */
public final class SignatureDefs {
    private SignatureDefs() {}

    /**
     * Reads a signature. Tensors come out sorted by name: on the wire they are a map, whose order means nothing.
     *
     * @throws InferenceException {@link ErrorCode#UNSUPPORTED} when it has a sparse or composite tensor or an element type that we do not
     *     carry
     */
    public static Signature decode(String name, SignatureDef def) {
        return new Signature(
                name,
                def.getMethodName().isEmpty() ? Signature.PREDICT : def.getMethodName(),
                specs(name, def.getInputsMap()),
                specs(name, def.getOutputsMap()),
                def.getDefaultsMap().keySet());
    }

    /** Writes a signature; which inputs may be left out is lost, since their values are not known here. */
    public static SignatureDef encode(Signature signature) {
        SignatureDef.Builder def = SignatureDef.newBuilder().setMethodName(signature.method());
        signature.inputs().forEach((alias, spec) -> def.putInputs(alias, encode(spec)));
        signature.outputs().forEach((alias, spec) -> def.putOutputs(alias, encode(spec)));
        return def.build();
    }

    /** Writes one declared tensor under its runtime's name. */
    public static TensorInfo encode(TensorSpec spec) {
        long[] dims = spec.dims();
        return TensorInfo.newBuilder()
                .setName(spec.nativeName())
                .setDtype(TensorProtos.wireType(spec.type()))
                .setTensorShape(
                        dims == null
                                ? TensorShapeProto.newBuilder()
                                        .setUnknownRank(true)
                                        .build()
                                : TensorProtos.shapeProto(dims))
                .build();
    }

    private static Map<String, TensorSpec> specs(String signature, Map<String, TensorInfo> infos) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        new TreeMap<>(infos).forEach((alias, info) -> specs.put(alias, spec(signature, alias, info)));
        return specs;
    }

    @SuppressWarnings("NullAway") // dims may be null, but the annotation on an array is not seen through a class file
    private static TensorSpec spec(String signature, String alias, TensorInfo info) {
        if (info.hasCooSparse() || info.hasCompositeTensor()) {
            throw unsupported(signature, alias, "a sparse or composite tensor");
        }
        return new TensorSpec(
                alias,
                TensorProtos.dataType(info.getDtype())
                        .orElseThrow(() ->
                                unsupported(signature, alias, info.getDtype().name())),
                dims(info),
                info.getName().isEmpty() ? alias : info.getName());
    }

    private static long @Nullable [] dims(TensorInfo info) {
        TensorShapeProto shape = info.getTensorShape();
        if (!info.hasTensorShape() || shape.getUnknownRank()) {
            return null;
        }
        return shape.getDimList().stream()
                .mapToLong(dim -> Math.max(dim.getSize(), -1))
                .toArray();
    }

    private static InferenceException unsupported(String signature, String alias, String what) {
        return new InferenceException(
                ErrorCode.UNSUPPORTED,
                "signature \"" + signature + "\": tensor \"" + alias + "\" is " + what + ", which is not supported");
    }
}

package turnout.backend.tensorflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** Turns the signatures of a SavedModel into the SPI's. */
final class Signatures {
    private static final System.Logger LOG = System.getLogger(Signatures.class.getName());

    private Signatures() {}

    /**
     * Those that can be served, by name.
     *
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} if none is left
     */
    static Map<String, Signature> of(String model, Map<String, SignatureDef> definitions) {
        // Sorted: the maps of protocol buffers have no order of their own, and what is shown should not change from
        // load to load.
        Map<String, Signature> signatures = new LinkedHashMap<>();
        for (Map.Entry<String, SignatureDef> entry : new TreeMap<>(definitions).entrySet()) {
            Optional<String> obstacle = obstacle(entry.getValue());
            if (obstacle.isEmpty()) {
                signatures.put(entry.getKey(), signature(entry.getKey(), entry.getValue()));
            } else {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: signature \"{1}\" is left out: {2}",
                        model,
                        entry.getKey(),
                        obstacle.get());
            }
        }
        if (signatures.isEmpty()) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED,
                    definitions.isEmpty()
                            ? "the SavedModel has no signatures"
                            : "none of the signatures " + new TreeMap<>(definitions).keySet() + " can be served");
        }
        return signatures;
    }

    private static Optional<String> obstacle(SignatureDef definition) {
        if (definition.getOutputsCount() == 0) {
            return Optional.of("it has no outputs");
        }
        return Stream.of(definition.getInputsMap(), definition.getOutputsMap())
                .flatMap(tensors -> tensors.entrySet().stream())
                .flatMap(tensor -> obstacle(tensor.getKey(), tensor.getValue()).stream())
                .findFirst();
    }

    private static Optional<String> obstacle(String alias, TensorInfo tensor) {
        if (tensor.getEncodingCase() != TensorInfo.EncodingCase.NAME) {
            return Optional.of("\"" + alias + "\" is not a dense tensor");
        }
        if (Dtypes.of(tensor.getDtypeValue()).isEmpty()) {
            return Optional.of("\"" + alias + "\" is of type " + tensor.getDtype());
        }
        if (tensor.getTensorShape().getDimList().stream().anyMatch(dim -> dim.getSize() < -1)) {
            return Optional.of("\"" + alias + "\" has an impossible shape");
        }
        return Optional.empty();
    }

    private static Signature signature(String name, SignatureDef definition) {
        return new Signature(
                name,
                definition.getMethodName().isEmpty() ? Signature.PREDICT : definition.getMethodName(),
                specs(definition.getInputsMap()),
                specs(definition.getOutputsMap()),
                optional(definition));
    }

    private static Set<String> optional(SignatureDef definition) {
        Set<String> names = new TreeSet<>(definition.getDefaultsMap().keySet());
        names.retainAll(definition.getInputsMap().keySet());
        return names;
    }

    private static Map<String, TensorSpec> specs(Map<String, TensorInfo> tensors) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        new TreeMap<>(tensors).forEach((alias, tensor) -> specs.put(alias, spec(alias, tensor)));
        return specs;
    }

    // NullAway does not see that the dims of TensorSpec may be null: it reads no annotations of arrays from class
    // files.
    @SuppressWarnings("NullAway")
    private static TensorSpec spec(String alias, TensorInfo tensor) {
        DataType type = Dtypes.of(tensor.getDtypeValue()).orElseThrow();
        TensorShapeProto shape = tensor.getTensorShape();
        if (shape.getUnknownRank()) {
            return new TensorSpec(alias, type, null, tensor.getName());
        }
        List<TensorShapeProto.Dim> dims = shape.getDimList();
        long[] sizes = dims.stream().mapToLong(TensorShapeProto.Dim::getSize).toArray();
        return new TensorSpec(alias, type, sizes, tensor.getName());
    }
}

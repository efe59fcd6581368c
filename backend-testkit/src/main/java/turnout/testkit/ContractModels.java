package turnout.testkit;

import java.nio.file.Path;
import java.util.Map;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/**
 * The version directories that {@link BackendContractTest} works with, made by the backend's author. Examples use model {@code contract},
 * version 1, whatever the directory is called.
 *
 * @param identities for each type that the backend carries a model that gives its input back; its input and output take any shape [n]. Types
 *     that it does not carry may be there too: the contract then proves that they are refused
 * @param several a call with at least two inputs and two outputs
 * @param slow a call whose run takes at least ten seconds, with no answer expected, and a quick call of the same model
 * @param failing a call on which the model itself fails, though its types and shapes are right, and a good call of the same model
 * @param broken a directory that the backend claims, but that holds nothing it can load
 * @param foreign a directory that is not the backend's
 */
public record ContractModels(
        Map<DataType, Identity> identities, Example several, Pair slow, Pair failing, Path broken, Path foreign) {
    public ContractModels {
        identities = Map.copyOf(identities);
        if (several.inputs().size() < 2 || several.outputs().size() < 2) {
            throw new IllegalArgumentException("the example \"several\" needs two inputs and two outputs");
        }
        if (failing.good().outputs().isEmpty()) {
            throw new IllegalArgumentException("the good call of \"failing\" needs its outputs");
        }
    }

    Identity identity(DataType type) {
        Identity model = identities.get(type);
        if (model == null) {
            throw new AssertionError("the backend claims " + type + ": the contract needs an identity model of it");
        }
        return model;
    }

    /**
     * A model whose output is its input.
     *
     * @param location the version's directory
     * @param signature which of its signatures
     * @param input name of the input
     * @param output name of the output
     */
    public record Identity(Path location, String signature, String input, String output) {
        /** One whose only signature is the default one, from {@code x} to {@code y}. */
        public static Identity xToY(Path location) {
            return new Identity(location, Signature.DEFAULT, "x", "y");
        }
    }

    /**
     * A call and its answer.
     *
     * @param location the version's directory
     * @param signature which of its signatures
     * @param inputs by name
     * @param outputs the expected answer, bit by bit; empty where none is expected
     */
    public record Example(Path location, String signature, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {}

    /**
     * Two calls of one model.
     *
     * @param odd inputs of the call that is slow or fails
     * @param good a call that is quick and works, by which the model is seen to be well
     */
    public record Pair(Map<String, Tensor> odd, Example good) {}
}

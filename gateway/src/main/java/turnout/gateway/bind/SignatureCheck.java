package turnout.gateway.bind;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** Compares tensors with a signature and names the field, the got and the expected. */
final class SignatureCheck {
    private final String model;
    private final Signature signature;

    SignatureCheck(String model, Signature signature) {
        this.model = model;
        this.signature = signature;
    }

    /** The wanted outputs, all where none are named; refuses names that are not there and names given twice. */
    List<String> outputs(List<String> wanted) {
        if (wanted.isEmpty()) {
            return List.copyOf(signature.outputs().keySet());
        }
        Set<String> seen = new HashSet<>();
        for (String output : wanted) {
            if (!signature.outputs().containsKey(output)) {
                throw refused(new Refusal.OutputUnexpected(
                        model, output, List.copyOf(signature.outputs().keySet())));
            }
            if (!seen.add(output)) {
                throw refused(new Refusal.OutputRepeated(model, output));
            }
        }
        return wanted;
    }

    /**
     * Refuses unknown and missing inputs, other types and other shapes.
     *
     * @return whether a shape differs from the declared one and was let pass
     */
    boolean inputs(Map<String, Tensor> inputs, boolean mayBeLoose) {
        names(inputs);
        boolean loose = false;
        for (TensorSpec spec : signature.inputs().values()) {
            Tensor tensor = inputs.get(spec.name());
            if (tensor == null) {
                continue;
            }
            if (tensor.type() != spec.type()) {
                throw refused(new Refusal.DtypeMismatch(model, spec.name(), tensor.type(), spec.type()));
            }
            if (!Shapes.fits(tensor.shape(), spec)) {
                if (!mayBeLoose || !isColumnWithoutItsOne(tensor.shape(), spec)) {
                    throw refused(new Refusal.ShapeMismatch(model, spec.name(), Shapes.text(tensor.shape()), spec));
                }
                loose = true;
            }
        }
        return loose;
    }

    /**
     * Whether only a last dimension of one is missing: {@code [3]} for a declared {@code [-1,1]}. TensorFlow's best known example model is
     * called that way.
     */
    private static boolean isColumnWithoutItsOne(long[] shape, TensorSpec spec) {
        long[] declared = spec.shape();
        if (declared.length != shape.length + 1 || declared[declared.length - 1] != 1) {
            return false;
        }
        long[] column = Arrays.copyOf(shape, declared.length);
        column[shape.length] = 1;
        return Shapes.fits(column, spec);
    }

    /** The inputs in the signature's order. */
    Map<String, Tensor> inOrder(Map<String, Tensor> inputs) {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        for (String name : signature.inputs().keySet()) {
            Tensor tensor = inputs.get(name);
            if (tensor != null) {
                ordered.put(name, tensor);
            }
        }
        return ordered;
    }

    private void names(Map<String, Tensor> inputs) {
        List<String> missing = new ArrayList<>();
        for (String name : signature.inputs().keySet()) {
            if (!inputs.containsKey(name) && !signature.optionalInputs().contains(name)) {
                missing.add(name);
            }
        }
        List<String> expected = List.copyOf(signature.inputs().keySet());
        // Missing before unexpected: a misspelt name is both, and the expected names are what helps.
        if (!missing.isEmpty()) {
            throw refused(new Refusal.InputMissing(model, expected, List.copyOf(inputs.keySet()), missing));
        }
        for (String name : inputs.keySet()) {
            if (!signature.inputs().containsKey(name)) {
                throw refused(new Refusal.InputUnexpected(model, name, expected));
            }
        }
    }

    private static RefusedException refused(Refusal refusal) {
        return new RefusedException(refusal);
    }
}

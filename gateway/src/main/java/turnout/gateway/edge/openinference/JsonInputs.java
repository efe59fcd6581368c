package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Inputs;
import turnout.gateway.edge.DecodePool;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/** The inputs of a request whose head is JSON: arrays, bytes behind it, or both. */
final class JsonInputs implements Inputs {
    private final Asked asked;
    private final byte[] body;
    private final List<JsonInput> inputs;

    JsonInputs(Asked asked, byte[] body, List<JsonInput> inputs) {
        this.asked = asked;
        this.body = body;
        this.inputs = inputs;
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        InputCheck check = new InputCheck(asked, signature);
        for (JsonInput input : inputs) {
            check.declared(input.name(), input.type());
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (JsonInput input : inputs) {
            tensors.put(input.name(), input.isBinary() ? view(input, check) : new JsonData(body, input, check).read());
        }
        return tensors;
    }

    @Override
    public boolean isHeavy() {
        long text = 0;
        for (JsonInput input : inputs) {
            text += input.isBinary() ? 0 : input.to() - input.from();
        }
        return text > DecodePool.HEAVY_BYTES;
    }

    @Override
    public boolean allowsLooseShapes() {
        return false;
    }

    private Tensor view(JsonInput input, InputCheck check) {
        ByteBuffer bytes = ByteBuffer.wrap(body, input.from(), input.to() - input.from());
        return check.tensor(input.name(), input.type(), input.shape(), bytes);
    }
}

package turnout.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import turnout.spi.Tensor;

/** What one would write without thinking of speed: the whole document as Jackson's tree, and the tree walked. */
public final class JacksonRival {
    private final ObjectMapper mapper = new ObjectMapper();
    private int count;

    /** Reads the lists at that place of the document into an array of so many floats. */
    public float[] read(byte[] text, String pointer, int floats) throws IOException {
        float[] into = new float[floats];
        count = 0;
        walk(mapper.readTree(text).at(pointer), into);
        return into;
    }

    /** Writes an object with one member that is the tensor. */
    public byte[] write(String member, Tensor tensor) throws JsonProcessingException {
        ObjectNode document = mapper.createObjectNode();
        document.set(member, tree(tensor.data(), tensor.shape(), 0));
        return mapper.writeValueAsBytes(document);
    }

    private void walk(JsonNode node, float[] into) {
        if (node.isArray()) {
            for (JsonNode element : node) {
                walk(element, into);
            }
        } else {
            into[count++] = node.floatValue();
        }
    }

    private static ArrayNode tree(ByteBuffer data, long[] shape, int axis) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode((int) shape[axis]);
        for (long i = 0; i < shape[axis]; i++) {
            if (axis == shape.length - 1) {
                list.add(data.getFloat());
            } else {
                list.add(tree(data, shape, axis + 1));
            }
        }
        return list;
    }
}

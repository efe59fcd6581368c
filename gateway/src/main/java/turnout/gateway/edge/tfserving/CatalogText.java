package turnout.gateway.edge.tfserving;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.protocol.codec.SignatureDefs;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tensorflow.TensorInfo;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.ModelVersionStatus;
import turnout.spi.Signature;

/**
 * Writes states and signatures as protobuf's JSON mapping would with snake case names and defaults printed: 64-bit integers are strings,
 * one blank per level.
 */
final class CatalogText {
    private final JsonOutput text = new JsonOutput(1024);

    private CatalogText() {}

    static JsonOutput status(GetModelStatusResponse response) {
        CatalogText writer = new CatalogText();
        writer.text.raw('{').line(1);
        writer.versions(response, 1);
        return writer.text.line(0).raw('}').line(0);
    }

    /** The list that TensorFlow Serving lacks: every model with the states of its versions. */
    static JsonOutput models(List<ModelStatus> models) {
        CatalogText writer = new CatalogText();
        JsonOutput text = writer.text;
        text.raw('{').line(1).raw("\"models\": [");
        String sign = "";
        for (ModelStatus model : models) {
            text.raw(sign).line(2).raw('{').line(3).raw("\"name\": ").string(model.name());
            text.raw(',').line(3);
            writer.versions(CatalogReader.status(model), 3);
            text.line(2).raw('}');
            sign = ",";
        }
        return text.line(1).raw(']').line(0).raw('}').line(0);
    }

    static JsonOutput metadata(VersionStatus version) {
        CatalogText writer = new CatalogText();
        JsonOutput text = writer.text;
        text.raw('{').line(1).raw("\"model_spec\": {").line(2).raw("\"name\": ");
        text.string(version.version().model()).raw(',').line(2).raw("\"signature_name\": \"\",");
        text.line(2)
                .raw("\"version\": \"")
                .number(version.version().number())
                .raw('"')
                .line(1);
        text.raw("},").line(1).raw("\"metadata\": {");
        // The message in the map and its field have the same name.
        text.line(2).raw("\"signature_def\": {").line(3).raw("\"signature_def\": {");
        writer.signatures(version.signatures());
        text.line(3).raw('}').line(2).raw('}').line(1).raw('}').line(0).raw('}').line(0);
        return text;
    }

    private void versions(GetModelStatusResponse response, int indent) {
        text.raw("\"model_version_status\": [");
        String sign = "";
        for (ModelVersionStatus version : response.getModelVersionStatusList()) {
            text.raw(sign).line(indent + 1).raw('{');
            text.line(indent + 2)
                    .raw("\"version\": \"")
                    .number(version.getVersion())
                    .raw("\",");
            text.line(indent + 2)
                    .raw("\"state\": \"")
                    .raw(version.getState().name())
                    .raw("\",");
            text.line(indent + 2).raw("\"status\": {");
            text.line(indent + 3)
                    .raw("\"error_code\": \"")
                    .raw(version.getStatus().getErrorCode().name())
                    .raw("\",");
            text.line(indent + 3)
                    .raw("\"error_message\": ")
                    .string(version.getStatus().getErrorMessage());
            text.line(indent + 2).raw('}').line(indent + 1).raw('}');
            sign = ",";
        }
        text.line(indent).raw(']');
    }

    private void signatures(Map<String, Signature> signatures) {
        String sign = "";
        for (Map.Entry<String, Signature> entry : new TreeMap<>(signatures).entrySet()) {
            SignatureDef def = SignatureDefs.encode(entry.getValue());
            text.raw(sign).line(4).string(entry.getKey()).raw(": {");
            tensors("inputs", def.getInputsMap());
            tensors("outputs", def.getOutputsMap());
            text.line(5).raw("\"method_name\": ").string(def.getMethodName()).raw(',');
            text.line(5).raw("\"defaults\": {}").line(4).raw('}');
            sign = ",";
        }
    }

    private void tensors(String kind, Map<String, TensorInfo> tensors) {
        text.line(5).raw('"').raw(kind).raw("\": {");
        String sign = "";
        for (Map.Entry<String, TensorInfo> entry : new TreeMap<>(tensors).entrySet()) {
            TensorInfo info = entry.getValue();
            text.raw(sign).line(6).string(entry.getKey()).raw(": {");
            text.line(7).raw("\"dtype\": \"").raw(info.getDtype().name()).raw("\",");
            shape(info.getTensorShape());
            text.line(7).raw("\"name\": ").string(info.getName()).line(6).raw('}');
            sign = ",";
        }
        text.line(5).raw("},");
    }

    private void shape(TensorShapeProto shape) {
        text.line(7).raw("\"tensor_shape\": {").line(8).raw("\"dim\": [");
        String sign = "";
        for (TensorShapeProto.Dim dim : shape.getDimList()) {
            text.raw(sign).line(9).raw('{');
            text.line(10).raw("\"size\": \"").number(dim.getSize()).raw("\",");
            text.line(10).raw("\"name\": ").string(dim.getName()).line(9).raw('}');
            sign = ",";
        }
        if (shape.getDimCount() > 0) {
            text.line(8);
        }
        text.raw("],").line(8).raw("\"unknown_rank\": ").raw(shape.getUnknownRank() ? "true" : "false");
        text.line(7).raw("},");
    }
}

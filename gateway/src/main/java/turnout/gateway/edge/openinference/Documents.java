package turnout.gateway.edge.openinference;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import turnout.gateway.call.VersionStatistics;
import turnout.gateway.call.VersionStatistics.Times;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** The protocol's JSON documents, with keys in the order that its clients have seen so far. */
final class Documents {
    private Documents() {}

    static JsonWriter error(String text) {
        return object(out -> out.field("error", text));
    }

    /** A health answer: the status code says it to one kind of client, the body to the other. */
    static JsonWriter health(String key, boolean healthy, String otherwise) {
        return object(out -> {
            out.field(key, healthy);
            if (!healthy) {
                out.field("error", otherwise);
            }
        });
    }

    static JsonWriter modelReady(String name, boolean ready) {
        return object(out -> {
            out.field("name", name).field("ready", ready);
            if (!ready) {
                out.field("error", "Model version not ready");
            }
        });
    }

    static JsonWriter server(String version) {
        return object(out -> {
            out.field("name", Questions.SERVER_NAME).field("version", version);
            strings(out.key("extensions"), Questions.EXTENSIONS);
        });
    }

    static JsonWriter models(List<String> names) {
        return object(out -> strings(out.key("models"), names));
    }

    static JsonWriter metadata(Questions.Metadata model) {
        return object(out -> {
            out.field("name", model.name());
            strings(out.key("versions"), model.versions());
            out.field("platform", model.platform());
            tensors(out.key("inputs"), model.signature().inputs().values());
            tensors(out.key("outputs"), model.signature().outputs().values());
        });
    }

    /** The least that is a model configuration: no batch axis is hidden, so dims are shapes. */
    static JsonWriter config(Questions.Metadata model) {
        Signature signature = model.signature();
        return object(out -> {
            out.field("name", model.name()).field("platform", model.platform());
            out.field("backend", model.platform()).field("max_batch_size", 0);
            configTensors(out.key("input"), signature.inputs().values());
            configTensors(out.key("output"), signature.outputs().values());
        });
    }

    static JsonWriter statistics(List<VersionStatistics> rows) {
        return object(out -> {
            out.key("model_stats").beginArray();
            rows.forEach(row -> statistics(out, row));
            out.endArray();
        });
    }

    static JsonWriter index(List<Questions.IndexEntry> entries) {
        JsonWriter out = new JsonWriter().beginArray();
        for (Questions.IndexEntry entry : entries) {
            out.beginObject().field("name", entry.name());
            optional(out, "version", entry.version());
            optional(out, "state", entry.state());
            optional(out, "reason", entry.reason());
            out.endObject();
        }
        return out.endArray();
    }

    /** Answer to a load or unload that was done. */
    static JsonWriter controlled(String model, String verb) {
        return object(out -> out.field("name", model).field(verb, true));
    }

    private static JsonWriter object(Consumer<JsonWriter> fields) {
        JsonWriter out = new JsonWriter().beginObject();
        fields.accept(out);
        return out.endObject();
    }

    private static void statistics(JsonWriter out, VersionStatistics row) {
        out.beginObject();
        out.field("name", row.version().model());
        out.field("version", Long.toString(row.version().number()));
        out.field("last_inference", row.lastInferenceMillis());
        out.field("inference_count", row.inferences());
        out.field("execution_count", row.executions());
        out.key("inference_stats").beginObject();
        times(out, "success", row.success());
        times(out, "fail", row.failure());
        times(out, "queue", row.queue());
        times(out, "compute_input", row.input());
        times(out, "compute_infer", row.infer());
        times(out, "compute_output", row.output());
        times(out, "cache_hit", row.cacheHit());
        times(out, "cache_miss", row.cacheMiss());
        out.endObject();
        out.key("response_stats").beginObject().endObject();
        out.key("batch_stats").beginArray();
        for (Map.Entry<Long, VersionStatistics.Batches> batch : row.batches().entrySet()) {
            out.beginObject().field("batch_size", batch.getKey());
            times(out, "compute_input", batch.getValue().input());
            times(out, "compute_infer", batch.getValue().infer());
            times(out, "compute_output", batch.getValue().output());
            out.endObject();
        }
        out.endArray();
        out.key("memory_usage").beginArray().endArray();
        out.endObject();
    }

    private static void times(JsonWriter out, String name, Times times) {
        out.key(name).beginObject();
        out.field("count", times.count()).field("ns", times.nanos());
        out.endObject();
    }

    private static void tensors(JsonWriter out, Collection<TensorSpec> specs) {
        out.beginArray();
        for (TensorSpec spec : specs) {
            out.beginObject().field("name", spec.name());
            out.field("datatype", spec.type().name());
            shape(out.key("shape"), spec.shape());
            out.endObject();
        }
        out.endArray();
    }

    private static void configTensors(JsonWriter out, Collection<TensorSpec> specs) {
        out.beginArray();
        for (TensorSpec spec : specs) {
            out.beginObject().field("name", spec.name());
            out.field("data_type", Questions.configType(spec.type()));
            shape(out.key("dims"), spec.shape());
            out.endObject();
        }
        out.endArray();
    }

    private static void shape(JsonWriter out, long[] shape) {
        out.beginArray();
        for (long dim : shape) {
            out.value(dim);
        }
        out.endArray();
    }

    private static void strings(JsonWriter out, List<String> values) {
        out.beginArray();
        values.forEach(out::value);
        out.endArray();
    }

    private static void optional(JsonWriter out, String name, String value) {
        if (!value.isEmpty()) {
            out.field(name, value);
        }
    }
}

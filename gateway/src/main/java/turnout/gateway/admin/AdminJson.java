package turnout.gateway.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.gateway.plugin.Plugin;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** What the admin API shows, as JSON. */
final class AdminJson {
    private AdminJson() {}

    /** @param ofServer sentences that concern no model alone */
    static JsonObject status(Catalog catalog, String version, List<String> ofServer) {
        List<ModelStatus> models = catalog.models();
        long available =
                models.stream().mapToLong(model -> model.available().size()).sum();
        JsonArray conditions = new JsonArray();
        ofServer.forEach(conditions::add);
        models.forEach(model -> {
            model.conditions().forEach(condition -> conditions.add(model.name() + ": " + condition));
            model.versions().stream()
                    .filter(one -> one.failure() != null)
                    .forEach(one -> conditions.add(one.version() + " failed to load"));
        });
        return new JsonObject()
                .put("version", version)
                .put("ready", catalog.isReady())
                .put("models", models.size())
                .put("availableVersions", available)
                .put("conditions", conditions);
    }

    static JsonObject models(Catalog catalog) {
        JsonArray models = new JsonArray();
        catalog.models().forEach(model -> models.add(summary(model)));
        return new JsonObject().put("models", models);
    }

    static JsonObject model(ModelStatus model) {
        JsonArray versions = new JsonArray();
        model.versions().forEach(version -> versions.add(version(version, true)));
        return facts(model).put("versions", versions);
    }

    static JsonObject plugins(List<Plugin> plugins) {
        JsonArray all = new JsonArray();
        for (Plugin plugin : plugins) {
            JsonArray backends = new JsonArray();
            for (Plugin.Provided backend : plugin.backends()) {
                JsonObject one = new JsonObject()
                        .put("platform", backend.platform())
                        .put("available", backend.availability().isOk());
                backend.availability().problem().ifPresent(problem -> one.put("problem", problem));
                backends.add(one);
            }
            JsonObject json = new JsonObject()
                    .put("id", plugin.id())
                    .put("version", plugin.version())
                    .put("backends", backends)
                    .put("warnings", new JsonArray(plugin.warnings()));
            plugin.problem().ifPresent(problem -> json.put("problem", problem));
            all.add(json);
        }
        return new JsonObject().put("plugins", all);
    }

    static JsonObject cache(List<CacheView.Use> uses) {
        JsonArray models = new JsonArray();
        uses.forEach(use -> models.add(new JsonObject()
                .put("model", use.model())
                .put("entries", use.entries())
                .put("bytes", use.bytes())
                .put("limitBytes", use.limit())));
        return new JsonObject().put("models", models);
    }

    private static JsonObject summary(ModelStatus model) {
        JsonArray versions = new JsonArray();
        model.versions().forEach(version -> versions.add(version(version, false)));
        return facts(model).put("versions", versions);
    }

    private static JsonObject facts(ModelStatus model) {
        JsonObject labels = new JsonObject();
        new TreeMap<>(model.labels()).forEach(labels::put);
        JsonObject weights = new JsonObject();
        new TreeMap<>(model.weights()).forEach((version, weight) -> weights.put(Long.toString(version), weight));
        JsonObject json = new JsonObject().put("name", model.name());
        model.defaultVersion().ifPresent(version -> json.put("defaultVersion", version));
        return json.put("labels", labels)
                .put("weights", weights)
                .put("unloadedOnPurpose", model.servesNothingOnPurpose())
                .put("conditions", new JsonArray(model.conditions()));
    }

    private static JsonObject version(VersionStatus version, boolean detailed) {
        JsonObject json = new JsonObject()
                .put("version", version.version().number())
                .put("state", version.state().name())
                .put("platform", version.platform());
        VersionStatus.Failure failure = version.failure();
        if (failure != null) {
            json.put(
                    "failure",
                    new JsonObject().put("code", failure.code().name()).put("message", failure.message()));
        }
        json.put("conditions", new JsonArray(version.conditions()));
        if (detailed) {
            JsonObject signatures = new JsonObject();
            version.signatures().forEach((name, signature) -> signatures.put(name, signature(signature)));
            json.put("signatures", signatures);
        }
        return json;
    }

    private static JsonObject signature(Signature signature) {
        return new JsonObject()
                .put("method", signature.method())
                .put("inputs", tensors(signature.inputs()))
                .put("outputs", tensors(signature.outputs()));
    }

    private static JsonObject tensors(Map<String, TensorSpec> specs) {
        JsonObject tensors = new JsonObject();
        specs.forEach((name, spec) -> {
            JsonArray shape = new JsonArray();
            for (long dim : spec.shape()) {
                shape.add(dim);
            }
            tensors.put(
                    name, new JsonObject().put("datatype", spec.type().name()).put("shape", shape));
        });
        return tensors;
    }
}

package turnout.gateway.edge.tfserving;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Words;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.gateway.lifecycle.VersionRef;
import turnout.protocol.tfserving.FileSystemStoragePathSourceConfig.ServableVersionPolicy;
import turnout.protocol.tfserving.LoggingConfig;
import turnout.protocol.tfserving.ModelConfig;
import turnout.protocol.tfserving.ModelServerConfig;
import turnout.protocol.tfserving.ModelType;

/** Reads TensorFlow Serving's model configuration as the set of models that are to be served from now on. */
public final class ReloadRequests {
    private static final String FILE_SCHEME = "file://";

    private ReloadRequests() {}

    /**
     * The models.
     *
     * @throws RefusedException in the words of TensorFlow Serving when the configuration makes no sense
     */
    public static List<ServedModel> models(ModelServerConfig config) {
        switch (config.getConfigCase()) {
            case MODEL_CONFIG_LIST -> {}
            case CUSTOM_MODEL_CONFIG ->
                throw malformed("custom_model_config is not supported, expected" + " model_config_list");
            case CONFIG_NOT_SET -> throw malformed("Invalid ModelServerConfig: expected model_config_list");
        }
        List<ServedModel> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ModelConfig model : config.getModelConfigList().getConfigList()) {
            if (!names.add(model.getName())) {
                throw malformed(
                        "Illegal to list model " + Words.cut(model.getName()) + " multiple times in config list");
            }
            models.add(model(model));
        }
        return models;
    }

    /**
     * One model of such a list.
     *
     * @throws RefusedException in the words of TensorFlow Serving when it makes no sense
     */
    public static ServedModel model(ModelConfig config) {
        if (config.getName().isBlank()) {
            throw malformed("Illegal to list a model without a name in config list");
        }
        if (!config.getLoggingConfig().equals(LoggingConfig.getDefaultInstance())) {
            throw malformed("Model " + Words.cut(config.getName())
                    + " sets logging_config, but requests are not logged here: remove it");
        }
        config.getVersionLabelsMap().forEach((label, version) -> {
            if (!(VersionRef.parse(label) instanceof VersionRef.Label) || version < 0) {
                throw malformed("Model " + Words.cut(config.getName()) + " has the version label \""
                        + Words.cut(label) + "\" for version " + version
                        + ": a label must not be a number, nor a version negative");
            }
        });
        return new ServedModel(
                config.getName(),
                basePath(config),
                platform(config),
                policy(config.getModelVersionPolicy()),
                config.getVersionLabelsMap());
    }

    private static Path basePath(ModelConfig config) {
        String given = config.getBasePath();
        String local = given.startsWith(FILE_SCHEME) ? given.substring(FILE_SCHEME.length()) : given;
        try {
            Path path = Path.of(local);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw malformed("Model " + Words.cut(config.getName()) + " has a base_path() that is no path");
        }
        throw malformed("Expected model " + Words.cut(config.getName())
                + " to have an absolute path or URI; got base_path()=" + Words.cut(given));
    }

    private static @Nullable String platform(ModelConfig config) {
        String platform = config.getModelPlatform();
        if (config.getModelType() == ModelType.MODEL_TYPE_UNSPECIFIED) {
            if (platform.isEmpty()) {
                throw malformed("Illegal setting neither ModelServerConfig::model_type (deprecated) nor"
                        + " ModelServerConfig::model_platform, model name is "
                        + Words.cut(config.getName()));
            }
            return platform;
        }
        if (!platform.isEmpty()) {
            throw malformed("Illegal setting both ModelServerConfig::model_type (deprecated) and"
                    + " ModelServerConfig::model_platform, model name is "
                    + Words.cut(config.getName()));
        }
        return config.getModelType() == ModelType.TENSORFLOW ? "tensorflow" : null;
    }

    private static @Nullable VersionChoice policy(ServableVersionPolicy policy) {
        return switch (policy.getPolicyChoiceCase()) {
            case LATEST ->
                new VersionChoice.Latest(Math.max(1, (int)
                        Math.min(Integer.toUnsignedLong(policy.getLatest().getNumVersions()), Integer.MAX_VALUE)));
            case ALL -> new VersionChoice.All();
            case SPECIFIC ->
                new VersionChoice.Specific(new TreeSet<>(policy.getSpecific().getVersionsList()));
            case POLICYCHOICE_NOT_SET -> null;
        };
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}

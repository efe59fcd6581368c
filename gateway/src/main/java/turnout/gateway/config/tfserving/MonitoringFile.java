package turnout.gateway.config.tfserving;

import java.nio.file.Path;
import java.util.Optional;
import turnout.gateway.config.ConfigException;
import turnout.protocol.tfserving.MonitoringConfig;
import turnout.protocol.tfserving.PrometheusConfig;

/** Reads where figures are to be shown. */
final class MonitoringFile {
    private static final String USUAL_PATH = "/monitoring/prometheus/metrics";

    private MonitoringFile() {}

    /**
     * The path, empty where none is wanted.
     *
     * @throws ConfigException naming file, line, column and field
     */
    static Optional<String> path(Path file) {
        TextProto<MonitoringConfig> text = TextProto.read(file, MonitoringConfig.getDefaultInstance());
        PrometheusConfig prometheus = text.message().getPrometheusConfig();
        if (!prometheus.getEnable()) {
            return Optional.empty();
        }
        String path = prometheus.getPath().isEmpty() ? USUAL_PATH : prometheus.getPath();
        // The dialects own what is under /v1 and /v2.
        if (!path.matches("/[A-Za-z0-9._~/-]{1,256}") || path.matches("/v[0-9]+(/.*)?")) {
            throw text.wrong(
                    text.places()
                            .getNestedTree(MonitoringConfig.getDescriptor().findFieldByName("prometheus_config"), 0),
                    PrometheusConfig.getDescriptor(),
                    "path",
                    0,
                    "expected a path like " + USUAL_PATH + " that is not under /v1 or /v2, got \"" + path + "\"");
        }
        return Optional.of(path);
    }
}

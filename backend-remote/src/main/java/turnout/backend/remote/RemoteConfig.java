package turnout.backend.remote;

import com.google.protobuf.Int64Value;
import java.util.List;
import turnout.protocol.tfserving.ModelSpec;
import turnout.spi.ModelVersion;

/**
 * What a {@code remote.yaml} says.
 *
 * @param endpoints where the servers are, at least one
 * @param model the model's name there; empty: as here
 * @param choice which version there
 */
record RemoteConfig(List<HostPort> endpoints, String model, VersionChoice choice) {
    /** The file that makes a directory this backend's. */
    static final String FILE = "remote.yaml";

    RemoteConfig {
        endpoints = List.copyOf(endpoints);
    }

    /** One server's address; an IPv6 host without its brackets. */
    record HostPort(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** Which version of the remote model answers. */
    sealed interface VersionChoice {}

    /** The highest that is available there. */
    record Latest() implements VersionChoice {}

    /** That number. */
    record Numbered(long number) implements VersionChoice {}

    /** Whatever the label points at. */
    record Labelled(String label) implements VersionChoice {}

    /** Addresses the remote version, for a local version of that name. */
    ModelSpec spec(ModelVersion local) {
        ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model.isEmpty() ? local.model() : model);
        if (choice instanceof Numbered numbered) {
            spec.setVersion(Int64Value.of(numbered.number()));
        } else if (choice instanceof Labelled labelled) {
            spec.setVersionLabel(labelled.label());
        }
        return spec.build();
    }
}

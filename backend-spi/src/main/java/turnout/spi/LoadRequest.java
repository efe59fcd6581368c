package turnout.spi;

import java.nio.file.Path;

/**
 * Which version a loader is for and how it is to be loaded.
 *
 * @param version name and number
 * @param location the version's directory, a real path inside its repository
 * @param options the backend's own section of {@code model.yaml}, already accepted by {@link BackendProvider#checkOptions}
 * @param device where the session is to run, one of {@link Backend#devices()}
 * @param threadsPerRun processor threads that one run may use: 1 for models that are run several at a time, all cores for heavy ones
 */
public record LoadRequest(ModelVersion version, Path location, Options options, Device device, int threadsPerRun) {}

package turnout.gateway.source;

import java.nio.file.Path;

/**
 * One version's directory.
 *
 * @param number the version
 * @param location its real path, inside the repository
 * @param fingerprint of its content, when it last stood still
 */
public record VersionFiles(long number, Path location, Fingerprint fingerprint) {}

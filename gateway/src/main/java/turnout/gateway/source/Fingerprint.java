package turnout.gateway.source;

/**
 * What a version's files looked like: two looks with equal fingerprints saw the same names, sizes and times of change.
 *
 * @param digest over names, sizes and times
 * @param files how many there are
 * @param bytes their sizes together
 */
public record Fingerprint(String digest, int files, long bytes) {}

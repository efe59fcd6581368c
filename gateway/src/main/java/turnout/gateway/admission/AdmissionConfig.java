package turnout.gateway.admission;

/**
 * What may be in flight at a time.
 *
 * @param calls inference calls
 * @param bytes bytes of their requests
 */
public record AdmissionConfig(int calls, long bytes) {
    public AdmissionConfig {
        if (calls < 1) {
            throw new IllegalArgumentException("limits.in-flight-calls must be at least 1, was " + calls);
        }
        if (bytes < 1) {
            throw new IllegalArgumentException("limits.in-flight-bytes must be at least 1, was " + bytes);
        }
    }

    /** What a server gets that says nothing. */
    public static final AdmissionConfig DEFAULT = new AdmissionConfig(100_000, 1L << 30);
}

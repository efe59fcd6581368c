package turnout.spi;

/**
 * Upper bound of the memory that a loaded version takes.
 *
 * @param hostBytes main memory
 * @param deviceBytes memory of its device, 0 on the CPU
 */
public record ResourceEstimate(long hostBytes, long deviceBytes) {
    public ResourceEstimate {
        if (hostBytes < 0 || deviceBytes < 0) {
            throw new IllegalArgumentException("an estimate must not be negative: " + hostBytes + ", " + deviceBytes);
        }
    }

    /** Nothing worth counting. */
    public static final ResourceEstimate NONE = new ResourceEstimate(0, 0);
}

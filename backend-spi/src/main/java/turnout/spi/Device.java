package turnout.spi;

import java.util.Optional;

/**
 * Where a session runs.
 *
 * @param kind {@code cpu} or {@code gpu}
 * @param index which one, from 0; always 0 for the CPU
 */
public record Device(String kind, int index) {
    /** The processor cores of this machine, as one device. */
    public static final Device CPU = new Device("cpu", 0);

    /** Reads {@code cpu}, {@code gpu} or {@code gpu:1}; empty for anything else. */
    public static Optional<Device> parse(String text) {
        if (text.equals("cpu")) {
            return Optional.of(CPU);
        }
        if (text.equals("gpu")) {
            return Optional.of(new Device("gpu", 0));
        }
        if (text.matches("gpu:[0-9]{1,3}")) {
            return Optional.of(new Device("gpu", Integer.parseInt(text.substring(4))));
        }
        return Optional.empty();
    }

    /** Whether this is the CPU. */
    public boolean isCpu() {
        return equals(CPU);
    }

    /** As it is written in the configuration: {@code cpu}, {@code gpu:0}. */
    @Override
    public String toString() {
        return isCpu() ? kind : kind + ":" + index;
    }
}

package turnout.gateway.lifecycle;

import java.util.Map;
import turnout.spi.Device;

/**
 * Memory that a version takes when it is loaded.
 *
 * @param hostBytes main memory, of all its sessions together
 * @param deviceBytes memory of their own that its devices give
 */
record MemoryNeed(long hostBytes, Map<Device, Long> deviceBytes) {
    MemoryNeed {
        deviceBytes = Map.copyOf(deviceBytes);
    }

    /** What it takes of one device. */
    long on(Device device) {
        return deviceBytes.getOrDefault(device, 0L);
    }
}

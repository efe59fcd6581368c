package turnout.gateway.lane;

import turnout.spi.Device;
import turnout.spi.Servable;

/**
 * One loaded copy of a version.
 *
 * @param device where it runs
 * @param servable stays loaded until the lane has drained
 */
public record Session(Device device, Servable servable) {}

package turnout.gateway.edge.openinference;

import turnout.spi.DataType;

/**
 * One input as the request declares it.
 *
 * @param name its name
 * @param type its declared type
 * @param shape its declared shape, not checked
 * @param from where its JSON array, or its bytes, start in the body
 * @param to where they end
 * @param isBinary whether they are bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never written to, never compared
record JsonInput(String name, DataType type, long[] shape, int from, int to, boolean isBinary) {}

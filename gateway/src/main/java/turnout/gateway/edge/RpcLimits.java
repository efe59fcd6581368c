package turnout.gateway.edge;

/**
 * What a gRPC message may be.
 *
 * @param messageBytes most bytes on the wire
 * @param inflatedBytes most bytes after decompression
 * @param pool where compressed messages are inflated
 */
record RpcLimits(long messageBytes, long inflatedBytes, DecodePool pool) {}

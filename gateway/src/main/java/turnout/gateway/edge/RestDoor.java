package turnout.gateway.edge;

/** One dialect over HTTP. Called on an event loop; never blocks. */
public interface RestDoor {
    /**
     * Whether a path is this dialect's.
     *
     * @param path as it stands on the wire, not decoded, without the query
     */
    boolean owns(String path);

    /** Answers the request, exactly once, by one of the exchange's {@code respond} methods. */
    void handle(Exchange exchange);
}

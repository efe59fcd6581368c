package turnout.gateway.call;

/** The door a call came in by; its {@link #tag()} stands in metrics and the access log. */
public enum Dialect {
    TFS_REST("tfs-rest"),
    TFS_GRPC("tfs-grpc"),
    OIP_REST("oip-rest"),
    OIP_GRPC("oip-grpc");

    private final String tag;

    Dialect(String tag) {
        this.tag = tag;
    }

    /** Its short name. */
    public String tag() {
        return tag;
    }
}

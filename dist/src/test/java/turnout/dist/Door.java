package turnout.dist;

import turnout.spi.DataType;

/** The four doors, and the forms that tensors may have there. */
enum Door {
    TFS_REST_ROWS,
    TFS_REST_COLUMNS,
    TFS_GRPC_CONTENT,
    TFS_GRPC_LISTS,
    OIP_REST_JSON,
    OIP_REST_BINARY,
    OIP_GRPC_RAW,
    OIP_GRPC_TYPED;

    /** Whether the form has a place for that type. */
    boolean carries(DataType type) {
        return this != OIP_GRPC_TYPED || (type != DataType.FP16 && type != DataType.BF16);
    }

    boolean namesSignatures() {
        return switch (this) {
            case TFS_REST_ROWS, TFS_REST_COLUMNS, TFS_GRPC_CONTENT, TFS_GRPC_LISTS -> true;
            case OIP_REST_JSON, OIP_REST_BINARY, OIP_GRPC_RAW, OIP_GRPC_TYPED -> false;
        };
    }
}

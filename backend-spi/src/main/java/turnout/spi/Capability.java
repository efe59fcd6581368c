package turnout.spi;

/** What a backend claims; the contract kit proves each claim, and proves that what is not claimed fails as prescribed. */
public enum Capability {
    /** {@link Servable#infer} may be called by several threads at once. */
    CONCURRENT_RUNS,
    /** {@link Servable#infer} returns at once and completes later; called on an event loop, with heap buffers. */
    NON_BLOCKING,
    /** {@link DataType#BYTES} tensors are carried. */
    STRINGS,
    /** Byte strings that are not UTF-8 are carried too. */
    BINARY_STRINGS,
    /** A run ends early when its {@link Cancellation} fires. */
    CANCELS_RUNS,
    /** A run ends early when its {@link Deadline} passes. */
    KEEPS_DEADLINES,
    /** FP16 and BF16 tensors are carried. */
    HALF_FLOATS,
    /** UINT16, UINT32 and UINT64 tensors are carried. */
    WIDE_UNSIGNED,
    /** Declared shapes are hints: other shapes are run where the graph takes them, and fail with {@link ErrorCode#MODEL_FAILED} else. */
    LOOSE_SHAPES
}

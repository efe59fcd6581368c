/**
 * Runs TensorFlow SavedModels through TensorFlow's C API. Read {@link turnout.backend.tensorflow.TensorFlowServable} for the way of a
 * call, {@link turnout.backend.tensorflow.Tripwire} for how a run is ended early.
 */
@NullMarked
package turnout.backend.tensorflow;

import org.jspecify.annotations.NullMarked;

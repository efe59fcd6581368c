/**
 * TensorFlow Serving's own configuration, as people have it: its flags and the text files that they name.
 *
 * <p>{@link turnout.gateway.config.tfserving.Flag} is the table of flags, {@link turnout.gateway.config.tfserving.TfServingCommand} turns
 * them into what {@code turnout.yaml} would say.
 */
@NullMarked
package turnout.gateway.config.tfserving;

import org.jspecify.annotations.NullMarked;

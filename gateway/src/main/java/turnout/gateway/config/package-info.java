/**
 * Configuration files to records: every key has a default, a unit and one place; whatever is unknown, retired, said twice or wrong stops
 * with file, line and key.
 *
 * <p>Read {@link turnout.gateway.config.TurnoutFile} and {@link turnout.gateway.config.ModelFile}.
 */
@NullMarked
package turnout.gateway.config;

import org.jspecify.annotations.NullMarked;

/**
 * The life of versions: which should exist, which do, how each is loaded, warmed, drained and unloaded.
 *
 * <p>The dialects see {@link turnout.gateway.lifecycle.Catalog} to read and {@link turnout.gateway.lifecycle.ModelControl} to change.
 */
@NullMarked
package turnout.gateway.lifecycle;

import org.jspecify.annotations.NullMarked;

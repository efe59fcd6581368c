/**
 * From a model's name and a version, label or nothing to exactly one lane, read from one immutable snapshot.
 */
@NullMarked
package turnout.gateway.routing;

import org.jspecify.annotations.NullMarked;

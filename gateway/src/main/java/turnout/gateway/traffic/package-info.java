/**
 * Where calls go: from what is loaded, what the configuration says and what the admin API says over it, one routing snapshot. The only
 * writer of {@link turnout.gateway.routing.ServingTable}.
 */
@NullMarked
package turnout.gateway.traffic;

import org.jspecify.annotations.NullMarked;

/**
 * The kernel: a call, the record of what it met, the reasons why one is refused, and the onion of stages it passes.
 *
 * <p>Every other room may import this one; it imports none. Start with {@link turnout.gateway.call.Call} and {@link
 * turnout.gateway.call.Stage}.
 */
@NullMarked
package turnout.gateway.call;

import org.jspecify.annotations.NullMarked;

/** From undecoded inputs to typed tensors that fit the signature which routing picked. */
@NullMarked
package turnout.gateway.bind;

import org.jspecify.annotations.NullMarked;

/**
 * Between TensorFlow's messages and the SPI's data: {@link turnout.protocol.codec.TensorProtos} for tensors, {@link
 * turnout.protocol.codec.SignatureDefs} for signatures. Used by the TensorFlow Serving door of the gateway and by the remote backend.
 */
@NullMarked
package turnout.protocol.codec;

import org.jspecify.annotations.NullMarked;

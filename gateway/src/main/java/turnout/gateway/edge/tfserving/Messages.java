package turnout.gateway.edge.tfserving;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/** Bytes to messages and back. */
final class Messages {
    private Messages() {}

    /**
     * Parses a message; its byte fields share the memory that was parsed.
     *
     * @throws RefusedException when the bytes are no such message
     */
    static <T extends MessageLite> T parse(Parser<T> parser, ByteBuffer bytes) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            in.enableAliasing(true);
            T message = parser.parseFrom(in);
            in.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedException(new Refusal.Malformed("the request message cannot be parsed"));
        }
    }

    static Buffer write(MessageLite message) {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(message.toByteArray()));
    }
}

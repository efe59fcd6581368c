package turnout.gateway.edge.tfserving;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
        Buffer buffer = Buffer.buffer(message.getSerializedSize());
        try {
            message.writeTo(new Appending(buffer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return buffer;
    }

    /** Straight into the buffer: by way of an array every tensor would be copied once more. */
    private static final class Appending extends OutputStream {
        private final Buffer buffer;

        Appending(Buffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public void write(int b) {
            buffer.appendByte((byte) b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            buffer.appendBytes(bytes, from, length);
        }
    }
}

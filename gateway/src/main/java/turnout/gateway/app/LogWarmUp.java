package turnout.gateway.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Iterator;
import org.slf4j.LoggerFactory;

/**
 * Formats one event with a stack trace and throws the text away.
 *
 * <p>The first such event opens files (time zones, class files). If it came when the process is out of file descriptors, the thread that
 * wants to log that very fact would die of it, and nothing would accept connections any more.
 */
final class LogWarmUp {
    private LogWarmUp() {}

    static void run() {
        if (!(LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root)) {
            return;
        }
        LoggingEvent event = new LoggingEvent(
                LogWarmUp.class.getName(), root, Level.WARN, "warming up", new IllegalStateException(), null);
        for (Iterator<Appender<ILoggingEvent>> appenders = root.iteratorForAppenders(); appenders.hasNext(); ) {
            if (appenders.next() instanceof OutputStreamAppender<ILoggingEvent> appender) {
                byte[] text = appender.getEncoder().encode(event);
                root.trace("the logger is warm: {} bytes", text.length);
            }
        }
    }
}

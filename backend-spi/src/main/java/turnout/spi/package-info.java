/**
 * What a backend plugin compiles against: the data (tensors, signatures), the life of a version (loader, servable) and the
 * one failure. Nothing here knows of HTTP, queues, versions' traffic or any library but the JDK and JSpecify.
 *
 * <p>Read {@link turnout.spi.BackendProvider} first, then follow {@link turnout.spi.Backend}, {@link turnout.spi.Loader},
 * {@link turnout.spi.Servable}.
 */
@NullMarked
package turnout.spi;

import org.jspecify.annotations.NullMarked;

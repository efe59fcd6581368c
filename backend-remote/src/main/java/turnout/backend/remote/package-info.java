/**
 * Versions that live on a remote TensorFlow Serving: a directory with a {@code remote.yaml} names the endpoints, calls go over gRPC.
 *
 * <p>Read {@link turnout.backend.remote.RemoteProvider} for the way in, then {@code RemoteServable} (one inference), {@code RemoteCall}
 * (its attempts) and {@code Endpoints} (which endpoint, and which are well).
 */
@NullMarked
package turnout.backend.remote;

import org.jspecify.annotations.NullMarked;

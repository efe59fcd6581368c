/** Plugins: jars with backends, each in a class loader of its own that sees the SPI and nothing else of the gateway. */
@NullMarked
package turnout.gateway.plugin;

import org.jspecify.annotations.NullMarked;

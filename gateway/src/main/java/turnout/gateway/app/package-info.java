/**
 * The whole, put together: {@link turnout.gateway.app.Rooms} builds the rooms and says in which order a call passes them, {@link
 * turnout.gateway.app.TurnoutMain} is the command line.
 */
@NullMarked
package turnout.gateway.app;

import org.jspecify.annotations.NullMarked;

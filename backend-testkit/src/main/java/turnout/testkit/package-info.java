/**
 * What a backend's author tests with: the contract every backend must keep ({@link turnout.testkit.BackendContractTest}), tensors to
 * send and compare, and fakes of what the gateway lends.
 *
 * <p>Usable by outsiders: depends on the SPI, JUnit and AssertJ only.
 */
@NullMarked
package turnout.testkit;

import org.jspecify.annotations.NullMarked;

@org.jspecify.annotations.NullMarked
package turnout.gateway.config.tfserving;

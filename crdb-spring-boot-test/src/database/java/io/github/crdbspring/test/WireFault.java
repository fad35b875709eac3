package io.github.crdbspring.test;

/**
 * What a {@link WireProxy} does to a statement.
 *
 * @since 0.1.0
 */
public sealed interface WireFault permits WireProxy.Fault, ForgedError {

}

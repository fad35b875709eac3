package io.github.crdbspring.test;

/**
 * What a {@link WireProxy} does to a statement.
 */
public sealed interface WireFault permits WireProxy.Fault, ForgedError {

}

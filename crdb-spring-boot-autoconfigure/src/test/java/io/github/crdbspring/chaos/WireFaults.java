package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;

import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;

/**
 * What happens to connections between the application and the server.
 */
final class WireFaults {

	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final String ANY_STATEMENT = "";

	private WireFaults() {
	}

	static List<FaultKind> of(WireProxy proxy) {
		return List.of(fault("cut before COMMIT", 3, proxy, "COMMIT", Fault.CUT_BEFORE),
				fault("cut during COMMIT", 4, proxy, "COMMIT", Fault.CUT_DURING),
				fault("cut after COMMIT", 3, proxy, "COMMIT", Fault.CUT_AFTER),
				fault("cut before a statement", 2, proxy, ANY_STATEMENT, Fault.CUT_BEFORE),
				fault("cut after a statement", 2, proxy, ANY_STATEMENT, Fault.CUT_AFTER),
				fault("paused before COMMIT", 1, proxy, "COMMIT", Fault.PAUSE_BEFORE),
				fault("paused after COMMIT", 1, proxy, "COMMIT", Fault.PAUSE_AFTER),
				fault("paused before a statement", 1, proxy, ANY_STATEMENT, Fault.PAUSE_BEFORE));
	}

	private static FaultKind fault(String kind, int weight, WireProxy proxy, String statement, Fault fault) {
		return new FaultKind(kind, weight, (random) -> proxy.failNext(statement, fault, PATIENCE).isPresent());
	}

}

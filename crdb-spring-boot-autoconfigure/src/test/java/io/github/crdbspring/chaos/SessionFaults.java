package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import io.github.crdbspring.chaos.Sessions.Query;
import io.github.crdbspring.chaos.Sessions.Session;
import io.github.crdbspring.test.WireProxy;

/**
 * Sessions and statements that the server's operator cancels.
 */
final class SessionFaults {

	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private final Sessions sessions;

	private final WireProxy proxy;

	private SessionFaults(Sessions sessions, WireProxy proxy) {
		this.sessions = sessions;
		this.proxy = proxy;
	}

	static List<FaultKind> of(Sessions sessions, WireProxy proxy) {
		SessionFaults faults = new SessionFaults(sessions, proxy);
		return List.of(new FaultKind("session cancelled", 1, faults::cancelSession),
				new FaultKind("session cancelled at COMMIT", 4, faults::cancelSessionAtCommit),
				new FaultKind("statement cancelled", 1, (random) -> faults.cancelQuery("", random)),
				new FaultKind("COMMIT cancelled", 2, (random) -> faults.cancelQuery("COMMIT", random)));
	}

	private boolean cancelSession(Random random) {
		Optional<Session> session = Sessions.any(this.sessions.list(), random);
		session.ifPresent(this.sessions::cancel);
		return session.isPresent();
	}

	private boolean cancelQuery(String start, Random random) {
		List<Query> candidates = this.sessions.queries()
			.stream()
			.filter((candidate) -> candidate.text().startsWith(start))
			.toList();
		Optional<Query> query = Sessions.any(candidates, random);
		query.ifPresent(this.sessions::cancel);
		return query.isPresent();
	}

	/**
	 * Cancel a session that is about to be sent COMMIT: what comes first is a matter of
	 * chance.
	 */
	private boolean cancelSessionAtCommit(Random random) throws InterruptedException {
		List<Session> all = this.sessions.list();
		Optional<Session> session = this.proxy.failNext("COMMIT", WireProxy.Fault.NONE, PATIENCE)
			.flatMap((port) -> all.stream().filter((candidate) -> candidate.port() == port).findFirst());
		session.ifPresent(this.sessions::cancel);
		return session.isPresent();
	}

}

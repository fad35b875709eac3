package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what an {@link ObserverChain} tells about limits; the rest is tested with
 * transactions.
 */
@ExtendWith(OutputCaptureExtension.class)
class ObserverChainTests {

	private static final CrdbTransactionOptions OPTIONS = CrdbTransactionOptions.builder().name("transfer").build();

	private final List<String> events = new ArrayList<>();

	private final ObserverChain chain = new ObserverChain(
			List.of(observer("first"), observer("failing"), observer("last")), List.of());

	@Test
	void allAreToldOfALimitAlsoAfterOneThatFails(CapturedOutput output) {
		this.chain.limitable(new LimitedAdmission("transfer", ContentionSettings.defaults()));
		assertThat(this.events).containsExactly("first transfer", "failing transfer", "last transfer");
		assertThat(output).contains("failing is out of order");
	}

	@Test
	void allAreToldOfAWaitAlsoAfterOneThatFails(CapturedOutput output) {
		this.chain.start(OPTIONS).waited(new TransactionAttempt(OPTIONS, 1, 0, null), Duration.ofMillis(3));
		assertThat(this.events).containsExactly("first PT0.003S", "failing PT0.003S", "last PT0.003S");
		assertThat(output).contains("failing is out of order");
	}

	private TransactionObserver observer(String name) {
		return new TransactionObserver() {
			@Override
			public Observed start(CrdbTransactionOptions options) {
				return new Observed() {
					@Override
					public void waited(TransactionAttempt next, Duration time) {
						note(name, time);
					}
				};
			}

			@Override
			public void limitable(TransactionLimit limit) {
				note(name, limit.name());
			}
		};
	}

	private void note(String name, Object event) {
		this.events.add(name + " " + event);
		if (name.equals("failing")) {
			throw new IllegalStateException("failing is out of order");
		}
	}

}

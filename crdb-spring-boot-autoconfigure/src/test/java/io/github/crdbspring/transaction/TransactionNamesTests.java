package io.github.crdbspring.transaction;

import io.github.crdbspring.transaction.contention.Admission;
import io.github.crdbspring.transaction.contention.Admissions;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TransactionNames}, and that limits are those of the same names.
 */
class TransactionNamesTests {

	private static final int LIMIT = 3;

	private final TransactionNames<String> names = new TransactionNames<>(LIMIT, (name) -> "of " + name);

	@Test
	void eachNameHasItsOwnAndThoseBeyondTheLimitHaveOneInCommon() {
		assertThat(this.names.get("a")).isEqualTo("of a").isSameAs(this.names.get("a"));
		assertThat(this.names.get("b")).isEqualTo("of b");
		assertThat(this.names.get("c")).isEqualTo("of c");
		assertThat(this.names.get("d")).isEqualTo("of other").isSameAs(this.names.get("e"));
	}

	@Test
	void noNameIsNoneOfThem() {
		assertThat(this.names.get("")).isEqualTo("of unnamed").isSameAs(this.names.get(""));
		eachNameHasItsOwnAndThoseBeyondTheLimitHaveOneInCommon();
	}

	@Test
	void whatHasALimitOfItsOwnIsToldApart() {
		Admissions<Admission> admissions = new Admissions<>(ContentionSettings.defaults(), LIMIT,
				(name, settings) -> new Admission(name, settings, System::nanoTime), (admission) -> {
				});
		for (String name : new String[] { "", "a", "b", "c", "d", "" }) {
			boolean limited = admissions.find(name) != null;
			assertThat(this.names.get(name).equals("of " + name)).as(name).isEqualTo(limited);
		}
	}

}

package io.github.crdbspring.transaction;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Admissions}.
 */
class AdmissionsTests {

	private final List<String> announced = new ArrayList<>();

	private final Admissions admissions = new Admissions(ContentionSettings.defaults(), new TransactionObserver() {
		@Override
		public Observed start(CrdbTransactionOptions options) {
			return Observed.NOTHING;
		}

		@Override
		public void limitable(TransactionLimit limit) {
			AdmissionsTests.this.announced.add(limit.name());
		}
	});

	@Test
	void eachNameHasOneThatIsAnnouncedOnce() {
		Admission admission = this.admissions.find("transfer");
		assertThat(admission).isNotNull().isSameAs(this.admissions.find("transfer"));
		assertThat(this.admissions.find("report")).isNotNull().isNotSameAs(admission);
		assertThat(this.announced).containsExactly("transfer", "report");
	}

	@Test
	void withoutANameNothingIsLimited() {
		assertThat(this.admissions.find("")).isNull();
	}

	@Test
	void computedNamesAreNotAllLimited() {
		for (int i = 0; i < TransactionNames.LIMIT; i++) {
			assertThat(this.admissions.find("transfer" + i)).isNotNull();
		}
		assertThat(this.admissions.find("one more")).isNull();
		assertThat(this.admissions.find("transfer0")).isNotNull();
		assertThat(this.announced).hasSize(TransactionNames.LIMIT);
	}

	@Test
	void withoutSettingsNothingIsLimited() {
		Admissions none = new Admissions(null, (options) -> TransactionObserver.Observed.NOTHING);
		assertThat(none.find("transfer")).isNull();
	}

}

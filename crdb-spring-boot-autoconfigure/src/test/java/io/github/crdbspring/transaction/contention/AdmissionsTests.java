package io.github.crdbspring.transaction.contention;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Admissions}.
 */
class AdmissionsTests {

	private static final int MAX_NAMES = 10;

	private final List<String> announced = new ArrayList<>();

	private final Admissions<Admission> admissions = admissions(ContentionSettings.defaults());

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
		for (int i = 0; i < MAX_NAMES; i++) {
			assertThat(this.admissions.find("transfer" + i)).isNotNull();
		}
		assertThat(this.admissions.find("one more")).isNull();
		assertThat(this.admissions.find("transfer0")).isNotNull();
		assertThat(this.announced).hasSize(MAX_NAMES);
	}

	@Test
	void withoutSettingsNothingIsLimited() {
		assertThat(admissions(null).find("transfer")).isNull();
	}

	private Admissions<Admission> admissions(@Nullable ContentionSettings settings) {
		return new Admissions<>(settings, MAX_NAMES, (name, limit) -> new Admission(name, limit, System::nanoTime),
				(admission) -> this.announced.add(admission.name()));
	}

}

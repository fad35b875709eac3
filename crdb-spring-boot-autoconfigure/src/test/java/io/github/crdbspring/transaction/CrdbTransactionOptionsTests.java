package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import io.github.crdbspring.transaction.CrdbTransactionOptions.Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link CrdbTransactionOptions}.
 */
class CrdbTransactionOptionsTests {

	private static final SystemTime SYSTEM_TIME = SystemTime.ago(Duration.ofSeconds(10));

	private static final CrdbTransactionOptions ALL = CrdbTransactionOptions.builder()
		.name("transfer")
		.maxAttempts(3)
		.priority(TransactionPriority.LOW)
		.retryPriority(TransactionPriority.HIGH)
		.systemTime(SYSTEM_TIME)
		.readOnly(true)
		.isolation(Isolation.SERIALIZABLE)
		.nested(NestedTransactionPolicy.REJECT)
		.timeout(Duration.ofSeconds(5))
		.idempotent(true)
		.qualityOfService(QualityOfService.BACKGROUND)
		.lockTimeout(Duration.ofMillis(500))
		.build();

	@Test
	void withoutOptionsNothingIsSet() {
		CrdbTransactionOptions options = CrdbTransactionOptions.none();
		assertThat(options.name()).isEmpty();
		assertThat(options.maxAttempts()).isZero();
		assertThat(options.priority()).isEqualTo(TransactionPriority.DEFAULT);
		assertThat(options.retryPriority()).isEqualTo(TransactionPriority.DEFAULT);
		assertThat(options.systemTime()).isNull();
		assertThat(options.readOnly()).isFalse();
		assertThat(options.isolation()).isEqualTo(Isolation.DEFAULT);
		assertThat(options.nested()).isEqualTo(NestedTransactionPolicy.DEFAULT);
		assertThat(options.timeout()).isNull();
		assertThat(options.idempotent()).isFalse();
		assertThat(options).isEqualTo(CrdbTransactionOptions.builder().build());
	}

	@Test
	void aLockTimeoutIsAtLeastAMillisecond() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> CrdbTransactionOptions.builder().lockTimeout(Duration.ofNanos(999_999)))
			.withMessage("'lockTimeout' must be at least a millisecond, but is PT0.000999999S");
		assertThat(CrdbTransactionOptions.none().lockTimeout()).isNull();
		assertThat(CrdbTransactionOptions.none().qualityOfService()).isEqualTo(QualityOfService.DEFAULT);
	}

	@Test
	void keepsWhatIsSet() {
		assertThat(ALL.name()).isEqualTo("transfer");
		assertThat(ALL.maxAttempts()).isEqualTo(3);
		assertThat(ALL.priority()).isEqualTo(TransactionPriority.LOW);
		assertThat(ALL.retryPriority()).isEqualTo(TransactionPriority.HIGH);
		assertThat(ALL.systemTime()).isEqualTo(SYSTEM_TIME);
		assertThat(ALL.readOnly()).isTrue();
		assertThat(ALL.isolation()).isEqualTo(Isolation.SERIALIZABLE);
		assertThat(ALL.nested()).isEqualTo(NestedTransactionPolicy.REJECT);
		assertThat(ALL.timeout()).isEqualTo(Duration.ofSeconds(5));
		assertThat(ALL.idempotent()).isTrue();
	}

	@Test
	void aBuilderThatStartsFromOptionsKeepsThem() {
		CrdbTransactionOptions explicitFalse = options((builder) -> builder.readOnly(false).idempotent(false));
		assertThat(ALL.toBuilder().build()).isEqualTo(ALL).hasSameHashCodeAs(ALL).hasToString(ALL.toString());
		assertThat(CrdbTransactionOptions.none().toBuilder().build()).isEqualTo(CrdbTransactionOptions.none());
		assertThat(explicitFalse.toBuilder().build()).isEqualTo(explicitFalse);
	}

	@Test
	void whatABuilderHasBuiltDoesNotChangeAnyMore() {
		Builder builder = ALL.toBuilder();
		CrdbTransactionOptions built = builder.build();
		builder.name("another").maxAttempts(7).readOnly(false);
		assertThat(built).isEqualTo(ALL);
	}

	static Stream<Consumer<Builder>> changes() {
		return Stream.of((builder) -> builder.name("another"), (builder) -> builder.maxAttempts(4),
				(builder) -> builder.priority(TransactionPriority.NORMAL),
				(builder) -> builder.retryPriority(TransactionPriority.NORMAL),
				(builder) -> builder.systemTime(SystemTime.followerRead()), (builder) -> builder.readOnly(false),
				(builder) -> builder.isolation(Isolation.READ_COMMITTED),
				(builder) -> builder.nested(NestedTransactionPolicy.JOIN),
				(builder) -> builder.timeout(Duration.ofSeconds(6)), (builder) -> builder.idempotent(false),
				(builder) -> builder.qualityOfService(QualityOfService.CRITICAL),
				(builder) -> builder.lockTimeout(Duration.ofMillis(7)));
	}

	@ParameterizedTest
	@MethodSource("changes")
	void aDifferenceInAnyOptionMakesThemUnequalAndBeatsTheDefault(Consumer<Builder> change) {
		Builder builder = ALL.toBuilder();
		change.accept(builder);
		CrdbTransactionOptions changed = builder.build();
		CrdbTransactionOptions onlyTheChange = options(change);
		assertThat(changed).isNotEqualTo(ALL);
		assertThat(onlyTheChange).isNotEqualTo(CrdbTransactionOptions.none());
		assertThat(onlyTheChange.withDefaults(ALL)).isEqualTo(changed);
		assertThat(changed.withDefaults(onlyTheChange)).isEqualTo(changed);
	}

	@Test
	void whatIsUnsetComesFromTheDefaults() {
		assertThat(CrdbTransactionOptions.none().withDefaults(ALL)).isEqualTo(ALL);
		assertThat(CrdbTransactionOptions.builder().build().withDefaults(ALL)).isEqualTo(ALL);
		assertThat(ALL.withDefaults(CrdbTransactionOptions.none())).isEqualTo(ALL);
		assertThat(ALL.withDefaults(ALL)).isSameAs(ALL);
	}

	@Test
	void anExplicitFalseBeatsADefaultOfTrueButUnsetDoesNot() {
		CrdbTransactionOptions defaults = options((builder) -> builder.readOnly(true).idempotent(true));
		CrdbTransactionOptions explicitFalse = options((builder) -> builder.readOnly(false).idempotent(false));
		CrdbTransactionOptions unset = options((builder) -> builder.name("transfer"));
		assertThat(explicitFalse.withDefaults(defaults)).returns(false, CrdbTransactionOptions::readOnly)
			.returns(false, CrdbTransactionOptions::idempotent);
		assertThat(unset.withDefaults(defaults)).returns(true, CrdbTransactionOptions::readOnly)
			.returns(true, CrdbTransactionOptions::idempotent);
	}

	@Test
	void anExplicitlyEmptyNameBeatsTheDefault() {
		assertThat(options((builder) -> builder.name("")).withDefaults(ALL).name()).isEmpty();
	}

	@Test
	void aSystemTimeImpliesReadOnly() {
		assertThat(options((builder) -> builder.systemTime(SYSTEM_TIME)).readOnly()).isTrue();
		assertThat(options((builder) -> builder.systemTime(SYSTEM_TIME).readOnly(false)).readOnly()).isTrue();
		assertThat(options((builder) -> builder.readOnly(false))
			.withDefaults(options((builder) -> builder.systemTime(SYSTEM_TIME)))
			.readOnly()).isTrue();
	}

	@Test
	void withoutTheSystemTimeTheTransactionMayWriteAgain() {
		Function<Builder, CrdbTransactionOptions> withoutSystemTime = (builder) -> builder.systemTime(null).build();
		assertThat(
				withoutSystemTime.apply(options((builder) -> builder.systemTime(SYSTEM_TIME)).toBuilder()).readOnly())
			.isFalse();
		assertThat(withoutSystemTime.apply(ALL.toBuilder()).readOnly()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, -10, Integer.MIN_VALUE })
	void attemptsMustNotBeNegative(int maxAttempts) {
		assertThatIllegalArgumentException().isThrownBy(() -> CrdbTransactionOptions.builder().maxAttempts(maxAttempts))
			.withMessage("'maxAttempts' must be at least 1, or 0 for the default, but is " + maxAttempts);
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT-1S", "PT-0.000000001S" })
	void aTimeoutMustBePositive(Duration timeout) {
		assertThatIllegalArgumentException().isThrownBy(() -> CrdbTransactionOptions.builder().timeout(timeout))
			.withMessage("'timeout' must be positive, but is " + timeout);
	}

	@Test
	void theLimitsAreAccepted() {
		CrdbTransactionOptions options = options(
				(builder) -> builder.maxAttempts(Integer.MAX_VALUE).timeout(Duration.ofSeconds(Long.MAX_VALUE)));
		assertThat(options.maxAttempts()).isEqualTo(Integer.MAX_VALUE);
		assertThat(options((builder) -> builder.maxAttempts(1).timeout(Duration.ofNanos(1))).maxAttempts()).isOne();
	}

	@Test
	void nullIsRefusedWhereThereIsADefaultValue() {
		Builder builder = CrdbTransactionOptions.builder();
		assertThatIllegalArgumentException().isThrownBy(() -> builder.name(null));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.priority(null));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.retryPriority(null));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.isolation(null));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.nested(null));
	}

	private static CrdbTransactionOptions options(Consumer<Builder> customizer) {
		Builder builder = CrdbTransactionOptions.builder();
		customizer.accept(builder);
		return builder.build();
	}

}

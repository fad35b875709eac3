package io.github.crdbspring.transaction;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.retry.RetryContext;
import org.springframework.retry.support.RetrySynchronizationManager;
import org.springframework.retry.support.RetryTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for callbacks that use spring-retry themselves: what they tell its context is
 * about their own retries.
 */
class SpringRetryTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private final RetryTemplate users = RetryTemplate.builder().maxAttempts(1).build();

	private final List<RetryContext> contexts = new ArrayList<>();

	@Test
	void theContextInsideTheCallbackIsTheUsersOwnInEachAttempt() {
		RetryContext own = this.users.execute((context) -> {
			this.fixture.template().executeWithoutResult((status) -> conflictUntil(3));
			assertThat(RetrySynchronizationManager.getContext()).isSameAs(context);
			return context;
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
		assertThat(this.contexts).hasSize(3).allSatisfy((context) -> assertThat(context).isSameAs(own));
	}

	@Test
	void withoutRetriesOfTheUsersThereIsNoContextInAnyAttempt() {
		this.fixture.template().executeWithoutResult((status) -> conflictUntil(3));
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
		assertThat(this.contexts).hasSize(3).containsOnlyNulls();
		assertThat(RetrySynchronizationManager.getContext()).isNull();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void endingTheUsersRetriesDoesNotEndTheTransactions(boolean insideRetriesOfTheUsers) {
		Runnable call = () -> this.fixture.template().executeWithoutResult((status) -> {
			endRetriesOfTheUsers();
			conflictUntil(3);
		});
		if (insideRetriesOfTheUsers) {
			this.users.execute((context) -> {
				call.run();
				return "";
			});
		}
		else {
			call.run();
		}
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
		assertThat(conflicts.balance(1)).isEqualTo(2105);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "retry 2", "success 3");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void endingTheUsersRetriesDoesNotHideThatTheTransactionFailed(boolean insideRetriesOfTheUsers) {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().maxAttempts(3).build();
		Runnable call = () -> this.fixture.template().executeWithoutResult(options, (status) -> {
			endRetriesOfTheUsers();
			conflictUntil(4);
		});
		assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(() -> {
			if (insideRetriesOfTheUsers) {
				this.users.execute((context) -> {
					call.run();
					return "";
				});
			}
			else {
				call.run();
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "retry 2",
				"failure 3 MaxAttemptsExceededException");
	}

	private static void endRetriesOfTheUsers() {
		RetryContext context = RetrySynchronizationManager.getContext();
		if (context != null) {
			context.setExhaustedOnly();
		}
	}

	/**
	 * Note the context, and have a real conflict in all attempts before the given one.
	 */
	private void conflictUntil(int attempt) {
		this.contexts.add(RetrySynchronizationManager.getContext());
		Conflicts.read(this.fixture.jdbc, 1);
		if (this.fixture.attempt() < attempt) {
			conflicts.lostUpdate(1);
		}
		Conflicts.add(this.fixture.jdbc, 1, 5);
	}

}

package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.InterceptedDataSource;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what a {@link GuardedConnection} remembers of the end of its transactions.
 */
@DatabaseTest
class TransactionEndTests {

	private WireProxy proxy;

	private HikariDataSource pool;

	private GuardedConnection connection;

	private Statement statement;

	@BeforeEach
	void openConnection(TestDatabase database) throws SQLException {
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		database.jdbc().sql("DELETE FROM item").update();
		this.proxy = database.proxy();
		this.pool = database.pool(1, this.proxy);
		open(new CrdbDataSource(this.pool));
	}

	private void open(CrdbDataSource dataSource) throws SQLException {
		this.connection = dataSource.getConnection().unwrap(GuardedConnection.class);
		this.connection.setAutoCommit(false);
		this.statement = this.connection.createStatement();
	}

	@AfterEach
	void close() throws Exception {
		this.connection.close();
		this.proxy.close();
	}

	@Test
	void noneHasEndedYet() throws SQLException {
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
		insert(1);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
	}

	@Test
	void aCommitAndARollbackAreKnownUntilTheNextTransaction() throws SQLException {
		insert(1);
		this.connection.commit();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.COMMITTED);
		insert(2);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
		this.connection.rollback();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ROLLED_BACK);
		insert(3);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
		this.connection.setAutoCommit(true);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.COMMITTED);
	}

	@Test
	void aRollbackToASavepointIsNoEnd() throws SQLException {
		insert(1);
		var savepoint = this.connection.setSavepoint();
		insert(2);
		this.connection.rollback(savepoint);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "COMMIT", "ROLLBACK", "END", "SELECT 1; COMMIT" })
	void aStatementThatEndsATransactionEndsItElsewhere(String end) throws SQLException {
		insert(1);
		this.statement.execute(end);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ELSEWHERE);
		this.connection.commit();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ELSEWHERE);
	}

	@Test
	void aSchemaChangeThatCommitsEndsATransactionElsewhere() throws SQLException {
		this.connection.close();
		open(new CrdbDataSource(new InterceptedDataSource(this.pool, (call) -> call.isSql("CREATE INDEX")
				? call.withSql("COMMIT; " + call.args()[0]).proceed() : call.proceed())));
		insert(1);
		this.statement.execute("CREATE INDEX ON item (id)");
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ELSEWHERE);
	}

	@Test
	void inAutoCommitModeNothingEndsElsewhere() throws SQLException {
		this.connection.setAutoCommit(true);
		insert(1);
		assertThat(this.connection.transactionEnd()).isNotEqualTo(TransactionEnd.ELSEWHERE);
	}

	@Test
	void aFailedTransactionIsRolledBackHoweverItIsCommitted() throws SQLException {
		fail();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.OPEN);
		assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(this.connection::commit);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ROLLED_BACK);
	}

	@Test
	void aFailedTransactionThatAStatementCommitsIsNotCommitted() throws SQLException {
		fail();
		assertThatExceptionOfType(FailedTransactionCommitException.class)
			.isThrownBy(() -> this.statement.execute("COMMIT"));
		assertThat(this.connection.transactionEnd()).isIn(TransactionEnd.ROLLED_BACK, TransactionEnd.ELSEWHERE);
		this.connection.commit();
		assertThat(this.connection.transactionEnd()).isNotEqualTo(TransactionEnd.COMMITTED);
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = { "SILENCE", "REPLY_40001" })
	void aCommitWithoutAClearAnswerIsUnknown(Fault fault) throws SQLException {
		insert(1);
		this.proxy.failNext("COMMIT", fault);
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.UNKNOWN);
		this.connection.rollback();
		assertThat(this.connection.transactionEnd()).as("the rollback afterwards tells nothing")
			.isEqualTo(TransactionEnd.UNKNOWN);
		this.connection.close();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.UNKNOWN);
	}

	@Test
	void aConflictAtCommitIsARollback() throws SQLException {
		insert(1);
		this.proxy.failNext("COMMIT", Fault.REPLY_40001);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.connection::commit)
			.returns("40001", SQLException::getSQLState);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ROLLED_BACK);
	}

	@Test
	void aCommitWhoseErrorSaysThatItTookEffectIsOne() throws SQLException {
		this.connection.close();
		open(new CrdbDataSource(new InterceptedDataSource(this.pool, (call) -> {
			Object result = call.proceed();
			if (call.is("commit")) {
				throw new SQLException("transaction committed but schema change aborted", "XXA00");
			}
			return result;
		})));
		insert(1);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.connection::commit)
			.returns("XXA00", SQLException::getSQLState);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.COMMITTED);
		this.connection.rollback();
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.COMMITTED);
	}

	@Test
	void aConnectionLostBeforeCommitHasNotCommitted() throws SQLException {
		insert(1);
		this.proxy.failNext("INSERT", Fault.CUT_BEFORE);
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(2));
		assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(this.connection::commit);
		assertThat(this.connection.transactionEnd()).isEqualTo(TransactionEnd.ROLLED_BACK);
	}

	@Test
	void theNextBorrowerBeginsAnew() throws SQLException {
		insert(1);
		this.connection.commit();
		this.connection.close();
		try (Connection next = new CrdbDataSource(this.pool).getConnection()) {
			assertThat(next.unwrap(GuardedConnection.class).transactionEnd()).isEqualTo(TransactionEnd.OPEN);
		}
	}

	private void insert(int id) throws SQLException {
		this.statement.execute("INSERT INTO item VALUES (" + id + ")");
	}

	private void fail() {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.statement.execute("SELECT 1/0"));
	}

}

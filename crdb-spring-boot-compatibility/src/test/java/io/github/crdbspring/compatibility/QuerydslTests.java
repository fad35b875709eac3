package io.github.crdbspring.compatibility;

import com.querydsl.core.types.dsl.NumberPath;
import com.querydsl.core.types.dsl.PathBuilder;
import com.querydsl.jpa.impl.JPAQueryFactory;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for queries and changes with Querydsl.
 */
@DatabaseTest
class QuerydslTests {

	private static final PathBuilder<Stock> stock = new PathBuilder<>(Stock.class, "stock");

	private static final NumberPath<Integer> amount = stock.getNumber("amount", Integer.class);

	@Test
	@InjectRetries
	void aConflictAtCommitIsRetried(TestDatabase database) {
		assertDoneOnce(database);
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "update stock")
	void aConflictInAStatementIsRetried(TestDatabase database) {
		assertDoneOnce(database);
	}

	private static void assertDoneOnce(TestDatabase database) {
		Applications.withJpa(database, Stock.class).run((context) -> {
			TransactionalWork work = context.getBean(TransactionalWork.class);
			database.jdbc().sql("INSERT INTO stock (id, amount) VALUES (1, 100)").update();
			work.annotated(() -> take(context, 5));
			int left = work.annotated(() -> left(context));
			assertThat(left).isEqualTo(95);
		});
	}

	private static long take(ApplicationContext context, int count) {
		JPAQueryFactory queries = new JPAQueryFactory(context.getBean(EntityManager.class));
		return queries.update(stock)
			.set(amount, left(context) - count)
			.where(stock.getNumber("id", Integer.class).eq(1))
			.execute();
	}

	private static int left(ApplicationContext context) {
		return new JPAQueryFactory(context.getBean(EntityManager.class)).select(amount)
			.from(stock)
			.where(stock.getNumber("id", Integer.class).eq(1))
			.fetchOne();
	}

	@Entity
	@Table(name = "stock")
	static class Stock {

		@Id
		Integer id;

		int amount;

	}

}

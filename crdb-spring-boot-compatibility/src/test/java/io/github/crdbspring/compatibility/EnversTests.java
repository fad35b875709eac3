package io.github.crdbspring.compatibility;

import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.hibernate.envers.AuditReaderFactory;
import org.hibernate.envers.Audited;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the revisions that Hibernate Envers writes.
 */
@DatabaseTest
class EnversTests {

	@Test
	@InjectRetries
	void aConflictAtCommitLeavesOneRevision(TestDatabase database) {
		assertOneRevisionForEachCommit(database);
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "insert into article_aud")
	void aConflictWhileTheRevisionIsWrittenLeavesOne(TestDatabase database) {
		assertOneRevisionForEachCommit(database);
	}

	@Test
	@InjectRetries(transaction = "TransactionalWork.springs")
	void aRetriedMethodOfSpringsLeavesOneRevision(TestDatabase database) {
		Applications.withJpa(database, Article.class).run((context) -> {
			Article article = new Article();
			context.getBean(TransactionalWork.class).springs(() -> persist(context, article));
			assertThat(revisions(context, article)).containsExactly("first");
		});
	}

	private static void assertOneRevisionForEachCommit(TestDatabase database) {
		Applications.withJpa(database, Article.class).run((context) -> {
			TransactionalWork work = context.getBean(TransactionalWork.class);
			Article article = new Article();
			work.annotated(() -> persist(context, article));
			work.annotated(() -> {
				context.getBean(EntityManager.class).find(Article.class, article.id).title = "second";
				return true;
			});
			assertThat(revisions(context, article)).containsExactly("first", "second");
		});
	}

	private static boolean persist(ApplicationContext context, Article article) {
		article.title = "first";
		context.getBean(EntityManager.class).persist(article);
		return true;
	}

	private static List<String> revisions(ApplicationContext context, Article article) throws Exception {
		return context.getBean(TransactionalWork.class).annotated(() -> {
			List<?> found = AuditReaderFactory.get(context.getBean(EntityManager.class))
				.createQuery()
				.forRevisionsOfEntity(Article.class, true, false)
				.getResultList();
			return found.stream().map((revision) -> ((Article) revision).title).toList();
		});
	}

	@Entity
	@Table(name = "article")
	@Audited
	static class Article {

		@Id
		@GeneratedValue
		Long id;

		@Version
		int version;

		String title;

	}

}

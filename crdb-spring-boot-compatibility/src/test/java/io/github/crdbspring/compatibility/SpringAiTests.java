package io.github.crdbspring.compatibility;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.pgvector.PgVectorEmbeddingStore;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.memory.repository.jdbc.JdbcChatMemoryRepository;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.AbstractEmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.pgvector.PgVectorStore;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for what Spring AI and LangChain4j keep in the database.
 */
@DatabaseTest
class SpringAiTests {

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		Applications.createTables(testDatabase, "spring_ai_chat_memory",
				"org/springframework/ai/chat/memory/repository/jdbc/schema-postgresql.sql");
		this.runner = Applications.withTestKit(testDatabase);
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "INSERT INTO SPRING_AI_CHAT_MEMORY")
	void aConversationIsStoredOnce() {
		this.runner.run((context) -> {
			JdbcChatMemoryRepository memory = JdbcChatMemoryRepository.builder()
				.jdbcTemplate(context.getBean(JdbcTemplate.class))
				.transactionManager(context.getBean(PlatformTransactionManager.class))
				.build();
			context.getBean(TransactionalWork.class).annotated(() -> {
				memory.saveAll("betty", List.of(new UserMessage("hello"), new UserMessage("world")));
				return true;
			});
			assertThat(memory.findByConversationId("betty")).hasSize(2);
		});
	}

	@Test
	@InjectRetries
	void vectorsOfSpringAiAreStoredWithTheTransaction() {
		requireVectors();
		this.runner.run((context) -> {
			PgVectorStore store = PgVectorStore.builder(context.getBean(JdbcTemplate.class), new Lengths())
				.dimensions(2)
				.initializeSchema(true)
				.build();
			store.afterPropertiesSet();
			context.getBean(TransactionalWork.class).annotated(() -> {
				store.add(List.of(new Document("hello", Map.of("from", "betty")), new Document("good morning")));
				return true;
			});
			assertThat(count("vector_store")).isEqualTo(2);
			assertThat(store.similaritySearch(
					SearchRequest.builder().query("hullo").topK(1).filterExpression("from == 'betty'").build()))
				.singleElement()
				.extracting(Document::getText)
				.isEqualTo("hello");
		});
	}

	/**
	 * LangChain4j takes connections of its own.
	 */
	@Test
	@InjectRetries
	void vectorsOfLangChain4jAreStoredWithTheTransactionBehindAProxy() {
		requireVectors();
		this.runner.run((context) -> {
			store(context, context.getBean(DataSource.class), "own");
			assertThat(count("own")).as("by each attempt").isEqualTo(2);
			PgVectorEmbeddingStore store = store(context,
					new TransactionAwareDataSourceProxy(context.getBean(DataSource.class)), "joined");
			assertThat(count("joined")).isOne();
			assertThat(store
				.search(EmbeddingSearchRequest.builder()
					.queryEmbedding(Embedding.from(new float[] { 5, 1 }))
					.maxResults(1)
					.build())
				.matches()).singleElement()
				.satisfies((match) -> assertThat(match.embedded().text()).isEqualTo("hello"));
		});
	}

	private static PgVectorEmbeddingStore store(ApplicationContext context, DataSource dataSource, String table)
			throws Exception {
		PgVectorEmbeddingStore store = PgVectorEmbeddingStore.datasourceBuilder()
			.datasource(dataSource)
			.table(table)
			.dimension(2)
			.build();
		return context.getBean(TransactionalWork.class).annotated(() -> {
			store.addAll(List.of(UUID.randomUUID().toString()), List.of(Embedding.from(new float[] { 5, 1 })),
					List.of(TextSegment.from("hello")));
			return store;
		});
	}

	private int count(String table) {
		return this.database.jdbc().sql("SELECT count(*) FROM " + table).query(Integer.class).single();
	}

	private void requireVectors() {
		assumeTrue(!this.database.isCockroach() && this.database.jdbc()
			.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
			.query(Integer.class)
			.single() > 0, "The server has no pgvector");
	}

	/**
	 * Takes a text's length for what it means.
	 */
	static class Lengths extends AbstractEmbeddingModel {

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			List<org.springframework.ai.embedding.Embedding> embeddings = request.getInstructions()
				.stream()
				.map((text) -> new org.springframework.ai.embedding.Embedding(embed(text), 0))
				.toList();
			return new EmbeddingResponse(embeddings);
		}

		@Override
		public float[] embed(Document document) {
			return embed(document.getText());
		}

		@Override
		public float[] embed(String text) {
			return new float[] { text.length(), 1 };
		}

	}

}

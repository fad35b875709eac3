package io.github.crdbspring.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import io.github.crdbspring.stack.KeySamples.Article;
import io.github.crdbspring.stack.KeySamples.Articles;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the code and the SQL in {@code docs/keys.md}.
 */
@DatabaseTest
class KeySamplesTests {

	private static final List<String> NAMES = IntStream.range(0, 100).mapToObj((i) -> "name " + i).toList();

	private final TestDatabase database;

	private final WireProxy proxy;

	KeySamplesTests(TestDatabase database) {
		this.database = database;
		this.proxy = database.proxy();
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		database.jdbc().sql("""
				CREATE TABLE article (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name TEXT NOT NULL)""").update();
	}

	@BeforeEach
	void deleteRows() {
		this.database.jdbc().sql("DELETE FROM article").update();
	}

	@AfterEach
	void close() throws IOException {
		this.proxy.close();
	}

	@Test
	void theCodeIsWhatIsTested() throws IOException {
		String tested = squeeze(Files.readString(Path.of("src/test/java/io/github/crdbspring/stack/KeySamples.java")));
		List<String> samples = blocks("java");
		assertThat(samples).hasSizeGreaterThan(5).allSatisfy((sample) -> assertThat(tested).contains(squeeze(sample)));
	}

	@Test
	@RequiresCockroach
	void theSqlIsUnderstood() throws IOException {
		try (var pool = this.database.pool(1)) {
			JdbcClient jdbc = JdbcClient.create(pool);
			// Development builds of 22.1 have what came before it
			boolean current = jdbc
				.sql("SELECT count(*) FROM [SHOW ALL] WHERE variable = 'experimental_enable_hash_sharded_indexes'")
				.query(Integer.class)
				.single() == 0;
			jdbc.sql("DROP TABLE IF EXISTS article").update();
			try {
				List<String> samples = blocks("sql");
				assertThat(samples).hasSizeGreaterThan(3);
				samples.stream()
					.flatMap((sample) -> List.of(sample.split(";\n")).stream())
					.filter((sql) -> !sql.contains(current ? "-- before 22.1" : "-- since 22.1"))
					.forEach((sql) -> jdbc.sql(sql).update());
			}
			finally {
				jdbc.sql("DROP TABLE IF EXISTS article").update();
				createTable(this.database);
			}
		}
	}

	@Test
	void plainJdbc() {
		try (AnnotationConfigApplicationContext context = start()) {
			Articles articles = context.getBean(Articles.class);
			assertThat(name(articles.insert("a"))).isEqualTo("a");
			assertThat(name(articles.insertReturning("b"))).isEqualTo("b");
			this.proxy.clear();
			assertThat(articles.insertAll(NAMES)).hasSize(100)
				.allSatisfy((article) -> assertThat(name(article.id())).isEqualTo(article.name()));
			assertThat(inserts()).hasSize(1);
			this.proxy.clear();
			articles.insertOwnKeys(NAMES);
			assertThat(inserts()).hasSize(3);
		}
	}

	@Test
	void uuidsOfTheApplicationsForAggregates() {
		try (AnnotationConfigApplicationContext context = start(KeySamples.OwnKeysConfiguration.class)) {
			assertSaved(context);
			assertThat(inserts()).hasSize(3);
		}
	}

	@Test
	void onlyKeysComeBackForAggregates() {
		try (AnnotationConfigApplicationContext context = start(KeySamples.DialectConfiguration.class)) {
			assertSaved(context);
			assertThat(inserts()).hasSize(100).allMatch((sql) -> sql.endsWith("RETURNING \"id\""));
		}
	}

	private void assertSaved(AnnotationConfigApplicationContext context) {
		JdbcAggregateOperations aggregates = context.getBean(JdbcAggregateOperations.class);
		aggregates.count(Article.class);
		this.proxy.clear();
		List<Article> saved = aggregates.saveAll(NAMES.stream().map((name) -> new Article(null, name)).toList());
		assertThat(this.proxy.roundTrips()).isLessThan(6);
		assertThat(saved).extracting(Article::name).isEqualTo(NAMES);
		assertThat(aggregates.findAll(Article.class)).containsAll(saved);
	}

	@Test
	void aRowIdAsTextForJavaScript() {
		String json = new JsonMapper().writeValueAsString(new KeySamples.Ticket(Long.MAX_VALUE, "t"));
		assertThat(json).isEqualTo("{\"id\":\"9223372036854775807\",\"name\":\"t\"}");
	}

	private AnnotationConfigApplicationContext start(Class<?>... configurations) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of("crdb.url=" + this.database.url(this.proxy), "spring.datasource.hikari.minimum-idle=0")
			.applyTo(context);
		context.register(DataJdbc.class);
		if (configurations.length > 0) {
			context.register(configurations);
		}
		context.refresh();
		return context;
	}

	private List<String> inserts() {
		return this.proxy.statements().stream().filter((sql) -> sql.startsWith("INSERT")).toList();
	}

	private String name(UUID id) {
		return this.database.jdbc().sql("SELECT name FROM article WHERE id = ?").param(id).query(String.class).single();
	}

	private static List<String> blocks(String language) throws IOException {
		return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(Path.of("../docs/keys.md")))
			.results()
			.map((match) -> match.group(1))
			.toList();
	}

	private static String squeeze(String text) {
		return text.replaceAll("\\s+", " ").strip();
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration(DataJdbcRepositoriesAutoConfiguration.class)
	@Import({ AbstractStackTests.Spring.class, Articles.class })
	static class DataJdbc {

	}

}

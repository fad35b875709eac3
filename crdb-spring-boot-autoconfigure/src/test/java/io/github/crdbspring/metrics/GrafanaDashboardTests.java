package io.github.crdbspring.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.jayway.jsonpath.JsonPath;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the dashboard of the documentation shows what there is, as Prometheus sees
 * it after transactions with every outcome.
 */
@DatabaseTest
class GrafanaDashboardTests {

	private static final Pattern METRIC = Pattern.compile("\\b(crdb_\\w+)(?:\\{([^}]*)})?");

	private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=|!=|=~|!~)\"([^\"]*)\"");

	private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");

	private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)\\{([^}]*)} ");

	/**
	 * What Prometheus adds itself.
	 */
	private static final Set<String> TARGET_LABELS = Set.of("job", "instance");

	/**
	 * The labels of each metric that was scraped.
	 */
	private static Map<String, Set<String>> scraped;

	private final String dashboard = readDashboard();

	@BeforeAll
	static void scrape(TestDatabase database) throws IOException {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		try (OutcomeScenario scenario = new OutcomeScenario(database, new MeterTransactionObserver(registry))) {
			scenario.all();
		}
		scraped = new HashMap<>();
		Matcher samples = SAMPLE.matcher(registry.scrape());
		while (samples.find()) {
			scraped.put(samples.group(1), labels(samples.group(2)));
		}
	}

	@Test
	void everyMetricExistsWithItsLabels() {
		assertThat(expressions()).hasSizeGreaterThan(10).allSatisfy((expression) -> {
			Set<String> grouping = grouping(expression);
			Matcher metrics = METRIC.matcher(expression);
			assertThat(metrics.find()).isTrue();
			do {
				Set<String> used = new HashSet<>(grouping);
				if (metrics.group(2) != null) {
					used.addAll(labels(metrics.group(2)));
				}
				used.removeAll(TARGET_LABELS);
				assertThat(scraped).containsKey(metrics.group(1));
				assertThat(scraped.get(metrics.group(1))).containsAll(used);
			}
			while (metrics.find());
		});
	}

	@Test
	void everyMetricIsShown() {
		assertThat(scraped.keySet()).extracting((metric) -> metric.replaceFirst("_(count|sum|max|total)$", ""))
			.isNotEmpty()
			.allSatisfy((metric) -> assertThat(this.dashboard).contains(metric));
	}

	@Test
	void everyOutcomeThatIsAskedForExists() {
		List<String> outcomes = new ArrayList<>();
		Matcher matchers = MATCHER.matcher(String.join(" ", expressions()));
		while (matchers.find()) {
			if (matchers.group(1).equals("outcome")) {
				outcomes.addAll(List.of(matchers.group(2).split("\\|")));
			}
		}
		assertThat(outcomes).isNotEmpty()
			.isSubsetOf(Arrays.stream(TransactionOutcome.values()).map(TagValues::outcome).toList());
	}

	@Test
	void everyPanelSaysWhatItShows() {
		List<Map<String, Object>> panels = JsonPath.read(this.dashboard, "$.panels[*]");
		assertThat(panels).isNotEmpty().allSatisfy((panel) -> {
			assertThat(panel.get("title")).asString().isNotBlank();
			assertThat(panel.get("description")).asString().isNotBlank();
			assertThat(panel.get("targets")).asInstanceOf(InstanceOfAssertFactories.LIST).isNotEmpty();
		});
		assertThat(panels).extracting((panel) -> panel.get("id")).doesNotHaveDuplicates();
	}

	@Test
	void theVariablesThatAreUsedExist() {
		List<String> variables = JsonPath.read(this.dashboard, "$.templating.list[*].name");
		Matcher used = Pattern.compile("\\$\\{?([a-z]\\w*)").matcher(this.dashboard);
		List<String> names = new ArrayList<>();
		while (used.find()) {
			names.add(used.group(1));
		}
		assertThat(names).isNotEmpty().isSubsetOf(variables);
	}

	private List<String> expressions() {
		List<String> expressions = new ArrayList<>();
		expressions.addAll(JsonPath.read(this.dashboard, "$.panels[*].targets[*].expr"));
		expressions.addAll(JsonPath.read(this.dashboard, "$.templating.list[*].definition"));
		return expressions;
	}

	private static Set<String> grouping(String expression) {
		Set<String> labels = new HashSet<>();
		Matcher groupings = GROUPING.matcher(expression);
		while (groupings.find()) {
			labels.addAll(List.of(groupings.group(1).split(",\\s*")));
		}
		return labels;
	}

	private static Set<String> labels(String matchers) {
		Set<String> labels = new HashSet<>();
		Matcher matcher = MATCHER.matcher(matchers);
		while (matcher.find()) {
			labels.add(matcher.group(1));
		}
		return labels;
	}

	private static String readDashboard() {
		try {
			return Files.readString(Path.of("..", "docs", "grafana-dashboard.json"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}

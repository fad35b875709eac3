package io.github.crdbspring;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the structure of the library: which package may know which, and the rules for
 * auto-configurations.
 */
class ArchitectureTests {

	private static final String ROOT = "io.github.crdbspring.";

	/**
	 * What each package may import of the others. What is not listed is forbidden.
	 */
	private static final Map<String, List<String>> ALLOWED = allowed();

	private static final JavaClasses library = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages("io.github.crdbspring");

	private static Map<String, List<String>> allowed() {
		Map<String, List<String>> allowed = new TreeMap<>();
		allowed.put("error", List.of());
		allowed.put("type", List.of());
		allowed.put("url", List.of());
		allowed.put("data", List.of("type", "transaction"));
		allowed.put("jdbc", List.of("error", "type"));
		allowed.put("transaction", List.of("error", "jdbc", "transaction.contention", "transaction.outcome"));
		allowed.put("transaction.contention", List.of("error"));
		allowed.put("transaction.outcome", List.of("error", "jdbc"));
		allowed.put("transaction.statistics", List.of("transaction", "error"));
		allowed.put("transaction.annotation", List.of("transaction", "error"));
		allowed.put("changefeed", List.of("error", "jdbc", "type", "transaction", "changefeed.source"));
		allowed.put("changefeed.source", List.of("error", "jdbc"));
		allowed.put("metrics", List.of("transaction", "changefeed", "error"));
		allowed.put("actuate", List.of("jdbc", "transaction", "transaction.statistics", "changefeed"));
		allowed.put("docker.compose", List.of("jdbc"));
		allowed.put("schema", List.of("jdbc"));
		allowed.put("autoconfigure.datasource", List.of("url", "jdbc", "error"));
		allowed.put("autoconfigure.diagnostics", List.of("url", "jdbc", "error"));
		allowed.put("autoconfigure", List.copyOf(allowed.keySet()));
		return allowed;
	}

	@TestFactory
	Stream<DynamicTest> aPackageKnowsNothingButWhatTheTableAllows() {
		return ALLOWED.entrySet()
			.stream()
			.map((entry) -> DynamicTest.dynamicTest(entry.getKey(),
					() -> checkPackage(entry.getKey(), entry.getValue())));
	}

	private static void checkPackage(String name, List<String> allowed) {
		String[] forbidden = ALLOWED.keySet()
			.stream()
			.filter((other) -> !other.equals(name) && !allowed.contains(other))
			.map(ROOT::concat)
			.toArray(String[]::new);
		ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(ROOT + name)
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage(forbidden)
			.allowEmptyShould(true)
			.check(library);
	}

	@Test
	void everyPackageIsInTheTable() {
		assertThat(library.stream().map((type) -> type.getPackageName().substring(ROOT.length())).distinct())
			.isSubsetOf(ALLOWED.keySet());
	}

	@Test
	void thereAreNoCycles() {
		SlicesRuleDefinition.slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(library);
	}

	@Test
	void theCoreDoesNotKnowSpringBoot() {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages(ROOT + "actuate", ROOT + "docker.compose", ROOT + "autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.boot..")
			.check(library);
	}

	@Test
	void springRetryIsKnownToOneClass() {
		ArchRuleDefinition.noClasses()
			.that()
			.haveNameNotMatching(".*\\.RetryLoop(\\$.*)?")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.retry..")
			.check(library);
	}

	@Test
	void packagesAreNullMarked() {
		assertThat(library.stream().map((type) -> type.getPackage()).distinct())
			.allSatisfy((type) -> assertThat(type.isAnnotatedWith(NullMarked.class)).as(type.getName()).isTrue());
	}

	@Test
	void autoConfigurationsArePublicAndFinalWithoutPublicMembers() {
		ArchRuleDefinition.classes()
			.that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.check(library);
		ArchRuleDefinition.methods()
			.that()
			.areDeclaredInClassesThat()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.notBePublic()
			.check(library);
	}

	@Test
	void postProcessorsAreStaticBeans() {
		ArchRuleDefinition.methods()
			.that()
			.areAnnotatedWith(Bean.class)
			.and()
			.haveRawReturnType(JavaClass.Predicates.assignableTo(BeanPostProcessor.class))
			.should()
			.beStatic()
			.check(library);
	}

	@Test
	void conditionsOnClassesAreNotOnBeanMethods() {
		ArchRuleDefinition.methods()
			.that()
			.areAnnotatedWith(Bean.class)
			.should()
			.notBeAnnotatedWith(ConditionalOnClass.class)
			.check(library);
	}

	@Test
	void mostTypesArePackagePrivate() {
		List<Boolean> visibilities = library.stream()
			.filter((type) -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
			.map((type) -> type.getModifiers().contains(JavaModifier.PUBLIC))
			.toList();
		long hidden = visibilities.stream().filter((visible) -> !visible).count();
		assertThat(hidden * 100.0 / visibilities.size()).as("percentage of package-private types").isGreaterThan(35);
	}

}

package io.github.crdbspring.test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the BOM, which has no parent to have things from.
 */
class BomTests {

	private final XPath xpath = XPathFactory.newInstance().newXPath();

	@Test
	void namesTheModulesThatOthersDependOn() throws Exception {
		Document bom = read("../crdb-spring-boot-bom/pom.xml");
		assertThat(texts(bom, "//dependencyManagement//artifactId")).containsExactlyInAnyOrder(
				"crdb-spring-boot-autoconfigure", "crdb-spring-boot-starter", "crdb-spring-boot-test");
		assertThat(texts(bom, "//dependencyManagement//version")).containsOnly("${project.version}");
	}

	/**
	 * The project of a user has no parent, either.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "../crdb-spring-boot-bom/pom.xml", "src/outside/pom.xml" })
	void hasTheVersionsOfTheBuild(String file) throws Exception {
		Document pom = read(file);
		Document parent = read("../pom.xml");
		assertThat(text(pom, "/project/version")).isEqualTo(text(parent, "/project/version"));
		assertThat(text(pom, "//plugin[artifactId='spring-boot-maven-plugin']/version"))
			.isEqualTo(text(parent, "//spring-boot.version"));
		assertThat(text(pom, "//plugin[artifactId='spring-javaformat-maven-plugin']/version"))
			.isEqualTo(text(parent, "//spring-javaformat.version"));
		assertThat(texts(pom, "//spring-boot.version")).allMatch(text(parent, "//spring-boot.version")::equals);
	}

	private static Document read(String file) throws Exception {
		return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Path.of(file).toFile());
	}

	private String text(Document document, String path) throws Exception {
		return this.xpath.evaluate(path, document);
	}

	private List<String> texts(Document document, String path) throws Exception {
		NodeList nodes = (NodeList) this.xpath.evaluate(path, document, XPathConstants.NODESET);
		List<String> texts = new ArrayList<>();
		for (int i = 0; i < nodes.getLength(); i++) {
			texts.add(nodes.item(i).getTextContent());
		}
		return texts;
	}

}

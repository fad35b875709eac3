package io.github.crdbspring.actuate;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Regions}.
 */
class RegionsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none", textBlock = """
			region=us-east1              | us-east1
			cloud=gce,region=eu,zone=eu-b | eu
			subregion=eu                 | none
			zone=b                       | none
			''                           | none
			none                         | none
			""")
	void theRegionIsATierOfTheLocality(String locality, String region) {
		assertThat(Regions.of(locality)).isEqualTo(region);
	}

}

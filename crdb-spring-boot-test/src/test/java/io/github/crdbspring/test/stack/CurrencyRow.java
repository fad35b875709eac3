package io.github.crdbspring.test.stack;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A row of the table, for Spring Data JDBC.
 *
 * @param code the key
 */
@Table("currency")
record CurrencyRow(@Id String code) {

}

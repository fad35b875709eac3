/**
 * Spring Data JDBC's conversions of CockroachDB's types.
 */
@NullMarked
package io.github.crdbspring.data;

import org.jspecify.annotations.NullMarked;

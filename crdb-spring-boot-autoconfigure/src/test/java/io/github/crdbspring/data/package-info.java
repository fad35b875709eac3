/**
 * Tests for Spring Data JDBC's conversions of CockroachDB's types.
 */
package io.github.crdbspring.data;

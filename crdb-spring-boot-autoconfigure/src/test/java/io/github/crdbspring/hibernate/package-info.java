/**
 * Tests for Hibernate on CockroachDB.
 */
package io.github.crdbspring.hibernate;

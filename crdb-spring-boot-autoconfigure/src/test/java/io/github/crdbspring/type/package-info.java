/**
 * Tests for CockroachDB's types as Java values.
 */
package io.github.crdbspring.type;

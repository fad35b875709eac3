/**
 * Tests for JPA with Hibernate: persistence contexts, version checks, dialects and
 * generators.
 */
package io.github.crdbspring.jpa;

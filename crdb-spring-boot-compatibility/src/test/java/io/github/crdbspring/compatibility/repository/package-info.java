/**
 * Tests for repositories of Spring Data.
 */
package io.github.crdbspring.compatibility.repository;

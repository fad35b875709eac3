/**
 * The check of tables for keys that CockroachDB does not scale with.
 */
@NullMarked
package io.github.crdbspring.schema;

import org.jspecify.annotations.NullMarked;

/**
 * The database: an embedded one if none is configured, and what has to exist in it.
 */
@NullMarked
package io.github.crdbspring.sample.database;

import org.jspecify.annotations.NullMarked;

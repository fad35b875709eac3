/**
 * The CRDB-aware {@link javax.sql.DataSource}: guarded connections, what the server is,
 * and how to reach it.
 */
@NullMarked
package io.github.crdbspring.jdbc;

import org.jspecify.annotations.NullMarked;

/**
 * The CRDB-aware {@link javax.sql.DataSource}: guarded connections, and what the server
 * is.
 */
@NullMarked
package io.github.crdbspring.jdbc;

import org.jspecify.annotations.NullMarked;

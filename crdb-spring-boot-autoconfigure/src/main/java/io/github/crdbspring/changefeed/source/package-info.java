/**
 * Where the rows of a changefeed come from: the statement, its connection, and what its
 * failures mean. Knows no listener and no transaction.
 */
@NullMarked
package io.github.crdbspring.changefeed.source;

import org.jspecify.annotations.NullMarked;

/**
 * Guards DataSource beans, and prepares pools, sessions and connection details.
 */
@NullMarked
package io.github.crdbspring.autoconfigure.datasource;

import org.jspecify.annotations.NullMarked;

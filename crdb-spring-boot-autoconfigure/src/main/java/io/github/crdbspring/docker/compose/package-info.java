/**
 * Connection details from a CockroachDB service of Docker Compose.
 */
@NullMarked
package io.github.crdbspring.docker.compose;

import org.jspecify.annotations.NullMarked;

/**
 * Auto-configuration: properties, and one auto-configuration per concern.
 */
@NullMarked
package io.github.crdbspring.autoconfigure;

import org.jspecify.annotations.NullMarked;

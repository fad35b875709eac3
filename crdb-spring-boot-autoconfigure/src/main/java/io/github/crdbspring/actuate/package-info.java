/**
 * What Actuator shows of the database.
 */
@NullMarked
package io.github.crdbspring.actuate;

import org.jspecify.annotations.NullMarked;
